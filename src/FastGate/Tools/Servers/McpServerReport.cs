namespace FastGate.Tools.Servers;

/// <summary>A server as the admin API shows it.</summary>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Transport">How it is reached: stdio or http.</param>
/// <param name="State">How far the connection is.</param>
/// <param name="Tools">The tools that the model is offered now.</param>
/// <param name="Starts">Connections that were tried.</param>
/// <param name="LastError">Why it failed last; null when it never did.</param>
/// <param name="LastErrorAt">When that was.</param>
internal sealed record McpServerReport(
    string Name, string Transport, McpServerState State, IReadOnlyList<McpToolReport> Tools, int Starts, string? LastError, DateTimeOffset? LastErrorAt);

/// <summary>A tool by the name that the model sees and by the server's own.</summary>
internal sealed record McpToolReport(string Name, string ServerName, string Description);
