namespace FastGate.Protocol.Framing;

/// <summary>What a frame carries (RFC 6455 section 5.2). Values from 8 up are control frames.</summary>
public enum Opcode : byte
{
    /// <summary>A further fragment of the message in progress.</summary>
    Continuation = 0x0,

    /// <summary>UTF-8 text, or the first fragment of it.</summary>
    Text = 0x1,

    /// <summary>Bytes, or the first fragment of them.</summary>
    Binary = 0x2,

    /// <summary>The closing handshake (section 5.5.1).</summary>
    Close = 0x8,

    /// <summary>A question whether the peer is there (section 5.5.2).</summary>
    Ping = 0x9,

    /// <summary>The answer to a ping, or unasked (section 5.5.3).</summary>
    Pong = 0xA,
}
