namespace FastGate.Cluster;

/// <summary>The keys in the engine are those of a newer version: to write among them could damage them.</summary>
internal sealed class ClusterSchemaException(string message) : Exception(message);
