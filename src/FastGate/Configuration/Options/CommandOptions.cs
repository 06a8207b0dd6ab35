using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Commands of operators to devices, and how many of them may wait for devices that are not connected.</summary>
internal sealed record CommandOptions : IOptionSection
{
    /// <summary>Commands that may wait for one device; a further one is refused.</summary>
    [WholeNumber(1, 1_000)]
    public int PerDevice { get; init; } = 32;

    /// <summary>Commands that may wait for all devices; a further one is refused.</summary>
    [WholeNumber(1, 1_000_000)]
    public int Total { get; init; } = 10_000;

    /// <summary>How long a command waits for its device when the request names no other time.</summary>
    [Duration("00:00:01", "30.00:00:00")]
    public TimeSpan Ttl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long the outcome of a command can be read after its end.</summary>
    [Duration("00:01:00", "365.00:00:00")]
    public TimeSpan KeepOutcome { get; init; } = TimeSpan.FromDays(7);
}
