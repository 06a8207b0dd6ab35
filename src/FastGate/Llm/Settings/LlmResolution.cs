namespace FastGate.Llm.Settings;

/// <summary>
/// The provider and settings that a purpose resolves to under one configuration. <paramref name="Unlisted"/>: the purpose has no entry of its
/// own although others have, which is worth one warning.
/// </summary>
internal sealed record LlmResolution(
    string Purpose, string Alias, LlmProviderSettings Settings, LlmSettingLayer Overrides, bool Unlisted, string? UnknownAlias, string Why)
{
    /// <summary>Why calls will probably fail although a client can be created; null when nothing is known.</summary>
    public string? Problem { get; init; }
}
