namespace FastGate.CommandLine.Simulation;

/// <summary>A device did not get what it waited for.</summary>
internal sealed class SimFailedException(string message) : Exception(message);
