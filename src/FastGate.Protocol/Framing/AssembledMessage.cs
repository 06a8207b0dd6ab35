namespace FastGate.Protocol.Framing;

/// <summary>A whole message or control frame, unmasked. The payload is lent: it is valid until the assembler is next touched.</summary>
public readonly ref struct AssembledMessage
{
    /// <summary>Pairs a kind with its payload.</summary>
    public AssembledMessage(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Opcode = opcode;
        Payload = payload;
    }

    /// <summary>Text, Binary, Ping, Pong or Close; never Continuation.</summary>
    public Opcode Opcode { get; }

    /// <summary>The payload; UTF-8 when the message is text.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
