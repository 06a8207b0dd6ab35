namespace FastGate.Cluster;

/// <summary>The engine has not answered, or has refused.</summary>
internal sealed class ClusterEngineException(string message, Exception? inner = null) : Exception(message, inner);
