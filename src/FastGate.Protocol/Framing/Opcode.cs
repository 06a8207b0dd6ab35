namespace FastGate.Protocol.Framing;

/// <summary>Type of a frame (RFC 6455 section 5.2). Values from 8 are control frames.</summary>
public enum Opcode : byte
{
    /// <summary>The next fragment of the message in progress.</summary>
    Continuation = 0x0,

    /// <summary>A UTF-8 text message, or its first fragment.</summary>
    Text = 0x1,

    /// <summary>A binary message, or its first fragment.</summary>
    Binary = 0x2,

    /// <summary>The closing handshake (section 5.5.1).</summary>
    Close = 0x8,

    /// <summary>Requests a Pong with the same payload (section 5.5.2).</summary>
    Ping = 0x9,

    /// <summary>The reply to a Ping, or unsolicited (section 5.5.3).</summary>
    Pong = 0xA,
}
