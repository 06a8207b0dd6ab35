namespace FastGate.Llm.Catalog;

/// <summary>One row of <c>GET /api/v1/llm</c>: which provider a purpose resolves to and why. Secrets are masked.</summary>
internal sealed record LlmExplanation
{
    public required string Purpose { get; init; }

    /// <summary>Alias of the provider that answers, after any fallback.</summary>
    public required string Alias { get; init; }
    public required string Type { get; init; }
    public string? Model { get; init; }
    public string? BaseUrl { get; init; }
    public string? ApiKey { get; init; }
    public required IReadOnlyDictionary<string, string> Overrides { get; init; }
    public required string Why { get; init; }

    /// <summary>Why calls will probably fail although nothing has failed yet, such as an API key that is a placeholder; null when nothing is known.</summary>
    public string? Warning { get; init; }

    /// <summary><c>closed</c>: calls pass; <c>open</c>: calls are rejected at once; <c>none</c>: there is no provider to call.</summary>
    public required string Breaker { get; init; }

    /// <summary>Calls in progress to its server, over all models and purposes.</summary>
    public int InFlight { get; init; }
}
