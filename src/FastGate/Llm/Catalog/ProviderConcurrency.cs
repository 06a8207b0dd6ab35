using FastGate.Llm.Settings;

namespace FastGate.Llm.Catalog;

/// <summary>
/// How many calls one server bears at once, whichever of its models they ask. Calls nobody waits for take no more than a quarter of the slots,
/// so that a crowd that leaves cannot take the provider away from those who talk.
/// </summary>
internal sealed class ProviderConcurrency(int maxConcurrency)
{
    private const int BackgroundShare = 4;

    /// <summary>Never disposed: it holds nothing but memory, and a late release must not throw.</summary>
    public SemaphoreSlim Slots { get; } = new(maxConcurrency, maxConcurrency);

    /// <summary>Held beside a slot by a call in the background.</summary>
    public SemaphoreSlim BackgroundSlots { get; } = new(Math.Max(1, maxConcurrency / BackgroundShare), Math.Max(1, maxConcurrency / BackgroundShare));

    public static ProviderConcurrencyKey KeyOf(LlmProviderSettings settings) => new(settings.Type, settings.BaseUrl, settings.ApiKey, settings.MaxConcurrency);
}
