namespace FastGate.FunctionalTests.Dashboard;

/// <summary>A request that the dashboard sent to the API. <paramref name="Path"/> is below the prefix and includes the query.</summary>
public sealed record AdminRequest(string Method, string Path, string Body, string? Key, string? Token);
