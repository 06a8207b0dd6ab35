namespace FastGate.Cluster;

/// <summary>A node has changed a list that all nodes share: read it.</summary>
/// <param name="Node">Which one.</param>
internal sealed record SharedListChanged(string Node);
