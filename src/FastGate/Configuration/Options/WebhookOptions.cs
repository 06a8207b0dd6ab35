using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Where events of devices are reported: signed batches of JSON, by POST. Off without a URL.</summary>
internal sealed record WebhookOptions : IOptionSection
{
    /// <summary>URLs that get every event.</summary>
    [HttpUrls]
    public IReadOnlyList<string> All { get; init; } = [];

    /// <summary>URLs that get an event when a device has connected: the upgrade was answered with 101.</summary>
    [HttpUrls]
    public IReadOnlyList<string> Connected { get; init; } = [];

    /// <summary>URLs that get an event when a device has registered: its first hello was accepted.</summary>
    [HttpUrls]
    public IReadOnlyList<string> Registered { get; init; } = [];

    /// <summary>URLs that get an event when a device has disconnected, with the end reason.</summary>
    [HttpUrls]
    public IReadOnlyList<string> Disconnected { get; init; } = [];

    /// <summary>URLs that get an event when a turn of the conversation has ended, with its outcome.</summary>
    [HttpUrls]
    public IReadOnlyList<string> TurnFinished { get; init; } = [];

    /// <summary>Keys of the signature (HMAC-SHA256), required with a URL. Each of them signs, so that a key can be replaced without a gap.</summary>
    [Token]
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Events of a batch at most.</summary>
    [WholeNumber(1, 1_000)]
    public int BatchSize { get; init; } = 100;

    /// <summary>How long an event may wait for others of its batch.</summary>
    [Duration("00:00:00.050", "00:01:00")]
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Events that may wait for one URL; the oldest is dropped for a further one.</summary>
    [WholeNumber(16, 1_000_000)]
    public int Queue { get; init; } = 8_192;

    /// <summary>Time for the receiver to answer.</summary>
    [Duration("00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a batch is tried again before it counts as lost.</summary>
    [Duration("00:00:00", "1.00:00:00")]
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether there is a URL.</summary>
    internal bool IsOn => All.Count + Connected.Count + Registered.Count + Disconnected.Count + TurnFinished.Count > 0;
}
