namespace FastGate.Llm.Settings;

/// <summary>The types of provider.</summary>
internal static class LlmProviderTypes
{
    public const string Echo = "echo";
    public const string OpenAi = "openai";
    public const string Anthropic = "anthropic";

    /// <summary>Neither a type nor an address is set.</summary>
    public const string None = "";

    public static bool IsKnown(string type) => type is Echo or OpenAi or Anthropic;

    /// <summary>
    /// The type by its one name. Older configurations give servers that speak the OpenAI protocol a type of their own; an address without a
    /// type means such a server too, because most are.
    /// </summary>
    public static string Normalize(string? type, string? baseUrl)
    {
        string? name = type?.Trim().ToLowerInvariant();
        return name switch
        {
            null or "" => baseUrl is null ? None : OpenAi,
            "ollama" or "xinference" or "lmstudio" or "vllm" or "deepseek" => OpenAi,
            "claude" => Anthropic,
            _ => name,
        };
    }
}
