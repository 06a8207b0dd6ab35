namespace FastGate.Tools.Servers;

/// <summary>A call that gave no result. The message goes to the model.</summary>
internal sealed class McpCallException(string message, Exception? inner = null) : Exception(message, inner);
