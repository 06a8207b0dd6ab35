namespace FastGate.Llm.Settings;

/// <summary>The kinds of provider there are.</summary>
internal static class LlmProviderTypes
{
    public const string Echo = "echo";
    public const string OpenAi = "openai";
    public const string Anthropic = "anthropic";

    /// <summary>No type was given and none could be told from the address.</summary>
    public const string None = "";

    public static bool IsKnown(string type) => type is Echo or OpenAi or Anthropic;

    /// <summary>
    /// The type by its one name. Servers that speak the OpenAI protocol under a type of their own in older configurations are
    /// <c>openai</c>; an address without a type is taken for one of them, for that is what nearly all are.
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
