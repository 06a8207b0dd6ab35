namespace FastGate.Llm.Catalog;

/// <summary>Which model of which server.</summary>
internal readonly record struct LlmEndpointKey(ProviderConcurrencyKey Server, string? Model);
