namespace FastGate.Protocol.Framing;

/// <summary>Every violation in a frame. <see cref="FrameErrors.ToCloseStatus"/> gives the close status of each.</summary>
public enum FrameError : byte
{
    /// <summary>No violation.</summary>
    None = 0,

    /// <summary>RSV2 or RSV3 is set, or RSV1 without a negotiated extension, in a control frame or in a continuation (RFC 6455 section 5.2, RFC 7692 section 6).</summary>
    ReservedBits,

    /// <summary>Opcode 3 to 7 or 11 to 15 (section 5.2).</summary>
    ReservedOpcode,

    /// <summary>A client frame is not masked (section 5.1).</summary>
    NotMasked,

    /// <summary>A server frame is masked (section 5.1); reported to clients only.</summary>
    Masked,

    /// <summary>A Close, Ping or Pong has more than 125 bytes of payload (section 5.5).</summary>
    ControlTooLong,

    /// <summary>A Close, Ping or Pong is fragmented (section 5.5).</summary>
    ControlFragmented,

    /// <summary>A length uses more bytes than it needs (section 5.2: the minimal number of bytes must be used).</summary>
    LengthNotMinimal,

    /// <summary>The highest bit of a 64-bit length is set (section 5.2).</summary>
    LengthOverflow,

    /// <summary>A continuation frame without a message in progress (section 5.4).</summary>
    ContinuationWithoutStart,

    /// <summary>A new text or binary frame before the message in progress has ended (section 5.4).</summary>
    MessageInsideMessage,

    /// <summary>The declared payload of a frame is above <see cref="MessageLimits.Frame"/>.</summary>
    FrameTooBig,

    /// <summary>The declared fragments of a message add up to more than <see cref="MessageLimits.Message"/>.</summary>
    MessageTooBig,

    /// <summary>A message has more frames than <see cref="MessageLimits.Fragments"/>; empty frames count.</summary>
    TooManyFragments,

    /// <summary>A text message is not UTF-8 (section 8.1).</summary>
    InvalidUtf8,

    /// <summary>A Close payload has one byte (section 5.5.1: a status has two).</summary>
    CloseTooShort,

    /// <summary>A Close status that must not be sent (section 7.4).</summary>
    CloseStatusInvalid,

    /// <summary>A Close reason is not UTF-8 (section 5.5.1).</summary>
    CloseReasonInvalidUtf8,

    /// <summary>A compressed message is not DEFLATE data or ends inside a block (RFC 7692 section 7.2.2).</summary>
    MalformedCompression,
}
