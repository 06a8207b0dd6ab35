namespace FastGate.Protocol.Framing;

/// <summary>Every violation in a frame. <see cref="FrameErrors.ToCloseStatus"/> gives the close status of each.</summary>
public enum FrameError : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>RSV1, RSV2 or RSV3 set although no extension was negotiated (RFC 6455 section 5.2).</summary>
    ReservedBits,

    /// <summary>Opcode 3 to 7 or 11 to 15 (section 5.2).</summary>
    ReservedOpcode,

    /// <summary>A client frame without a mask (section 5.1).</summary>
    NotMasked,

    /// <summary>A server frame with a mask (section 5.1); only a client can meet it.</summary>
    Masked,

    /// <summary>A Close, Ping or Pong of more than 125 bytes (section 5.5).</summary>
    ControlTooLong,

    /// <summary>A Close, Ping or Pong that is not the only frame of its message (section 5.5).</summary>
    ControlFragmented,

    /// <summary>A length in more bytes than it needs (section 5.2: the minimal number of bytes must be used).</summary>
    LengthNotMinimal,

    /// <summary>A 64-bit length with its highest bit set (section 5.2).</summary>
    LengthOverflow,

    /// <summary>A continuation although no message is in progress (section 5.4).</summary>
    ContinuationWithoutStart,

    /// <summary>A new text or binary frame before the message in progress has ended (section 5.4).</summary>
    MessageInsideMessage,

    /// <summary>A frame whose declared payload is above the limit.</summary>
    FrameTooBig,

    /// <summary>A message whose declared fragments add up to more than the limit.</summary>
    MessageTooBig,

    /// <summary>A message in more frames than the limit; empty ones count.</summary>
    TooManyFragments,

    /// <summary>Text that is not UTF-8 (section 8.1).</summary>
    InvalidUtf8,

    /// <summary>A Close payload of one byte (section 5.5.1: a status has two).</summary>
    CloseTooShort,

    /// <summary>A Close status that may not travel (section 7.4).</summary>
    CloseStatusInvalid,

    /// <summary>A Close reason that is not UTF-8 (section 5.5.1).</summary>
    CloseReasonInvalidUtf8,
}
