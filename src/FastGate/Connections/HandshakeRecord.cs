namespace FastGate.Connections;

/// <summary>
/// One handshake that failed or fell back. Holds header names, never their values; the target is made safe by
/// <see cref="FastGate.Protocol.Handshake.HandshakeText"/>.
/// </summary>
internal sealed record HandshakeRecord
{
    public required DateTimeOffset At { get; init; }

    public required string RemoteAddress { get; init; }

    public required string Target { get; init; }

    public IReadOnlyList<string> HeaderNames { get; init; } = [];

    public IReadOnlyList<HandshakeSourceOutcome> Sources { get; init; } = [];

    /// <summary>The id the connection goes by, when it came that far.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Where that id came from.</summary>
    public string? Source { get; init; }

    /// <summary>The rule that was broken, or how the connection ended before there could be an answer, by the name of its enum value.</summary>
    public string? Error { get; init; }

    /// <summary>Why the credential was refused, by the name of its enum value.</summary>
    public string? Auth { get; init; }

    /// <summary>The HTTP status of the answer; 101 for a handshake that fell back, 0 when none was sent.</summary>
    public int Status { get; init; }
}
