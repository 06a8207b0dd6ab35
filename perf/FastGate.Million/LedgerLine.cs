namespace FastGate.Million;

/// <summary>The objects of one type.</summary>
/// <param name="Type">Name of the type, or of the part of an array.</param>
/// <param name="Bytes">Bytes per device, including headers and padding.</param>
/// <param name="Alive">False for the transport's objects, which do not exist in this process because it has no sockets.</param>
/// <param name="OnLoops">False for what a device on the event loops does not have, because these call it with its input.</param>
internal sealed record LedgerLine(string Type, double Bytes, bool Alive, bool OnLoops = true);
