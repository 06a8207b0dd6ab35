namespace FastGate.Cluster;

/// <summary>A node as others see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Alive">Whether it has a lease.</param>
/// <param name="LeaseAgeSeconds">Time since it renewed its lease.</param>
/// <param name="Load">What it said then; null without a lease.</param>
internal sealed record NodeReport(string Name, bool Alive, double LeaseAgeSeconds, NodeLoad? Load);
