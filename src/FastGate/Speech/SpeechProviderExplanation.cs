using FastGate.Speech.Settings;

namespace FastGate.Speech;

/// <summary>One recogniser or synthesiser: its settings, where they come from, and how it fares.</summary>
internal sealed record SpeechProviderExplanation
{
    public required string Alias { get; init; }

    public required string Type { get; init; }

    /// <summary>Why it is asked: the key that selects it.</summary>
    public required string Why { get; init; }

    /// <summary>The settings that were written; the others have their defaults.</summary>
    public required IReadOnlyList<SpeechSettingOrigin> Settings { get; init; }

    /// <summary><c>closed</c>: it is asked; <c>open</c>: it is spared after failures.</summary>
    public required string Breaker { get; init; }

    /// <summary>Calls in progress.</summary>
    public required int SlotsInUse { get; init; }

    public required int Slots { get; init; }

    /// <summary>Its last failure, also when calls have succeeded since.</summary>
    public string? LastError { get; init; }

    public static SpeechProviderExplanation Of(SpeechGuard guard) => new()
    {
        Alias = guard.Settings.Alias,
        Type = guard.Settings.Type,
        Why = guard.Settings.Why,
        Settings = guard.Settings.Origins,
        Breaker = guard.IsOpen ? "open" : "closed",
        SlotsInUse = guard.InUse,
        Slots = guard.Settings.MaxConcurrency,
        LastError = guard.LastError,
    };
}
