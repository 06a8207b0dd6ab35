using FastGate.Protocol.Framing;

namespace FastGate.Testing;

/// <summary>One frame as the device got it.</summary>
public sealed record ReceivedFrame(Opcode Opcode, bool Fin, byte[] Payload);
