namespace FastGate.CommandLine.Client;

/// <summary>One server-sent event.</summary>
internal readonly record struct ServerEvent(string Name, string Data);
