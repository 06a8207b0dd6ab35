using FastGate.Llm.Settings;

namespace FastGate.Llm.Catalog;

/// <summary>
/// What a purpose comes to under one configuration. <paramref name="Unlisted"/>: the purpose has no entry of its own, which is
/// worth one warning.
/// </summary>
internal sealed record LlmResolution(
    string Purpose, string Alias, LlmProviderSettings Settings, LlmSettingLayer Overrides, bool Unlisted, string? UnknownAlias, string Why);
