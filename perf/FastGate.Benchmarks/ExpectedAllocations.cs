namespace FastGate.Benchmarks;

/// <summary>The file beside the benchmarks: most bytes an operation may allocate, and which benchmarks are baselines and owe us nothing.</summary>
public sealed record ExpectedAllocations(Dictionary<string, double> BytesPerOperation, IReadOnlyList<string> Baselines);
