using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>A restart in place, which closes no connection.</summary>
internal sealed record RestartOptions : IOptionSection
{
    /// <summary>How long a restart waits for turns in progress; a longer turn is ended with a spoken line. New turns wait as unread bytes.</summary>
    [Duration("00:00:00", "00:01:00")]
    public TimeSpan TurnWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A Unix socket at this path, for its user only, at which another process takes over all connections: `FastGate --take-over PATH`. Without a path there is none.</summary>
    [Text(80)]
    public string? HandOverSocket { get; init; }
}
