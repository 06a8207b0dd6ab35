namespace FastGate.Transport.Loops;

/// <summary>The work of one event loop so far.</summary>
/// <param name="Loop">Index of the loop.</param>
/// <param name="Connections">Connections accepted and not yet closed.</param>
/// <param name="Processor">Time that its thread has run on a processor.</param>
internal readonly record struct LoopLoad(int Loop, int Connections, TimeSpan Processor);
