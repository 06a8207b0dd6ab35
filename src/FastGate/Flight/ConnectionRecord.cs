namespace FastGate.Connections;

/// <summary>
/// One handshake that failed or used a fallback. Holds header names, never their values; the target is made printable by
/// <see cref="FastGate.Protocol.Handshake.HandshakeText"/>.
/// </summary>
internal sealed record HandshakeRecord
{
    public required DateTimeOffset At { get; init; }

    public required string RemoteAddress { get; init; }

    public required string Target { get; init; }

    public IReadOnlyList<string> HeaderNames { get; init; } = [];

    public IReadOnlyList<HandshakeSourceOutcome> Sources { get; init; } = [];

    /// <summary>The device id, if the handshake got far enough to have one.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The source of that id.</summary>
    public string? Source { get; init; }

    /// <summary>Name of the violated rule, or of the end reason when the connection ended before an answer.</summary>
    public string? Error { get; init; }

    /// <summary>Name of the reason why the credential was refused.</summary>
    public string? Auth { get; init; }

    /// <summary>What else there is to know about the refusal: which ban.</summary>
    public string? Detail { get; init; }

    /// <summary>HTTP status of the answer; 101 for a handshake that used a fallback, 0 when no answer was sent.</summary>
    public int Status { get; init; }

    /// <summary>Each source with its outcome, for the log line about an automatic id.</summary>
    public string DescribeSources() => string.Join(", ", Sources.Select(static source => $"{source.Source}: {source.Outcome}"));
}

/// <summary>
/// Outcome of one source of the device id. <paramref name="Id"/> is set when the source had a valid id, so that a report shows which sources
/// disagree.
/// </summary>
internal sealed record HandshakeSourceOutcome(string Source, string Outcome, string? Id = null);
