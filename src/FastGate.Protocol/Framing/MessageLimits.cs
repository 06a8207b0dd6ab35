namespace FastGate.Protocol.Framing;

/// <summary>Limits of a peer's messages. All three are checked at the header, before payload is kept.</summary>
/// <param name="Frame">Largest payload of one data frame, in bytes; control frames have the RFC's own 125.</param>
/// <param name="Message">Largest payload of one message over all its fragments, in bytes.</param>
/// <param name="Fragments">Frames one message may come in, 1 or more; empty ones count.</param>
public readonly record struct MessageLimits(int Frame, int Message, int Fragments);
