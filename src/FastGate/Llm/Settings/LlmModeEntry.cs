namespace FastGate.Llm.Settings;

/// <summary>What <c>Llm:ByMode</c> says of one purpose. Without an alias the overrides are laid over the default provider.</summary>
internal sealed record LlmModeEntry(string? Alias, LlmSettingLayer Overrides);
