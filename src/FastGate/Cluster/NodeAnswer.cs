namespace FastGate.Cluster;

/// <summary>The answer of another node to an act.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Null for an answer without content.</param>
/// <param name="Body">JSON.</param>
internal sealed record NodeAnswer(int Status, string? ContentType, string Body);
