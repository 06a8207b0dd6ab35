namespace FastGate.Protocol.Framing;

/// <summary>A complete message or control frame, unmasked. The payload is valid until the next call on the assembler.</summary>
public readonly ref struct AssembledMessage
{
    /// <summary>Creates a message.</summary>
    public AssembledMessage(Opcode opcode, ReadOnlySpan<byte> payload, bool isCompressed = false)
    {
        IsCompressed = isCompressed;
        Opcode = opcode;
        Payload = payload;
    }

    /// <summary>Text, Binary, Ping, Pong or Close; never Continuation.</summary>
    public Opcode Opcode { get; }

    /// <summary>Whether the payload is compressed by permessage-deflate.</summary>
    public bool IsCompressed { get; }

    /// <summary>The payload; valid UTF-8 in a text message that is not compressed.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
