namespace FastGate.Cluster;

/// <summary>A process in the cluster: its name, and the number of its lease, which is greater for a later process of that name; 0 before it has one.</summary>
internal sealed record NodeIdentity(string Name, long Incarnation);
