namespace FastGate.Benchmarks;

/// <summary>The file <c>expected-allocations.json</c>: the bytes that an operation may allocate, and the baselines, which have no limit.</summary>
public sealed record ExpectedAllocations(Dictionary<string, double> BytesPerOperation, IReadOnlyList<string> Baselines);
