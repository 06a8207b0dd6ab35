namespace FastGate.Tools.Servers;

/// <summary>How far the connection to a server is.</summary>
internal enum McpServerState
{
    Starting,
    Ready,

    /// <summary>It failed; the next attempt waits.</summary>
    Waiting,
    Stopped,
}
