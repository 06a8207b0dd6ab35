namespace FastGate.Fuzz;

/// <summary>Reads one input. Any exception is a finding.</summary>
internal delegate void FuzzTarget(byte[] input);
