namespace FastGate.Cluster;

/// <summary>A node as the engine knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Age">Since its last renewal.</param>
/// <param name="Load">What it said of itself then, as JSON; null for a node without a lease.</param>
internal sealed record NodeEntry(string Name, TimeSpan Age, string? Load);
