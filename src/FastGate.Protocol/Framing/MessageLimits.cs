namespace FastGate.Protocol.Framing;

/// <summary>Limits of received messages. All three are checked when a header arrives, before its payload is kept.</summary>
/// <param name="Frame">Maximum payload of one data frame, in bytes. Control frames have the fixed limit of 125 (RFC 6455 section 5.5).</param>
/// <param name="Message">Maximum payload of one message, in bytes, over all its fragments.</param>
/// <param name="Fragments">Maximum number of frames in one message, 1 or more; empty frames count.</param>
/// <param name="AllowsCompressed">Whether a message may be compressed, because permessage-deflate was negotiated (RFC 7692 section 6).</param>
public readonly record struct MessageLimits(int Frame, int Message, int Fragments, bool AllowsCompressed = false);
