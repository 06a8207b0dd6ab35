namespace FastGate.Cluster;

/// <summary>The engine's answer to a renewal.</summary>
/// <param name="Result">What became of the lease.</param>
/// <param name="Incarnation">Of this node now.</param>
/// <param name="EngineMs">The engine's clock.</param>
/// <param name="EngineRun">Changes when the engine was started anew or another one has taken its place; empty when it cannot be known.</param>
internal sealed record LeaseAnswer(LeaseResult Result, long Incarnation, long EngineMs, string EngineRun);
