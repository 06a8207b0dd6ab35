namespace FastGate.Million;

/// <summary>Objects of one type.</summary>
/// <param name="Type">Name of the type, or of the part of an array.</param>
/// <param name="Bytes">Bytes a device, headers and padding included.</param>
/// <param name="Alive">Whether they live in this process. The transport's do not: here nothing has a socket.</param>
internal sealed record LedgerLine(string Type, double Bytes, bool Alive);
