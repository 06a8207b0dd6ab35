using FastGate.Protocol.Framing;

namespace FastGate.Testing;

/// <summary>A frame received by a device.</summary>
public sealed record ReceivedFrame(Opcode Opcode, bool Fin, byte[] Payload, bool IsCompressed = false);
