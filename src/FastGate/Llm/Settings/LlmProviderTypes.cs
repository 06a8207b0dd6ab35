namespace FastGate.Llm.Settings;

/// <summary>The types of provider.</summary>
internal static class LlmProviderTypes
{
    public const string Echo = "echo";
    public const string OpenAi = "openai";
    public const string Anthropic = "anthropic";
    public const string Dify = "dify";
    public const string Coze = "coze";
    public const string HomeAssistant = "homeassistant";

    /// <summary>Neither a type nor an address is set.</summary>
    public const string None = "";

    public static IReadOnlyList<string> All { get; } = [OpenAi, Anthropic, Dify, Coze, HomeAssistant, Echo];

    /// <summary>The others keep their own tools, or have none.</summary>
    public static bool CallsFunctions(string type) => type is OpenAi or Anthropic;

    public static bool IsKnown(string type) => All.Contains(type);

    /// <summary>
    /// The type by its one name. Older configurations give servers that speak the OpenAI protocol a type of their own; an address without a
    /// type means such a server too, because most are.
    /// </summary>
    public static string Normalize(string? type, string? baseUrl) => Fold(type) switch
    {
        "" => baseUrl is null ? None : OpenAi,
        "ollama" or "xinference" or "lmstudio" or "vllm" or "deepseek" or "gemini" or "fastgpt" => OpenAi,
        "claude" => Anthropic,
        string name => name,
    };

    /// <summary>The address of a type that has one of its own; null for the others.</summary>
    public static string? DefaultBaseUrl(string? type) => Fold(type) is "gemini" ? "https://generativelanguage.googleapis.com/v1beta/openai" : null;

    /// <summary>The model of a type whose server chooses the model itself but requires the field; null for the others.</summary>
    public static string? DefaultModel(string? type) => Fold(type) is "fastgpt" ? "fastgpt" : null;

    /// <summary>What to write instead of a type that is not supported.</summary>
    public static string Advice(string type) => Fold(type) is "alibl"
        ? "AliBL is not supported: use type openai with base_url https://dashscope.aliyuncs.com/compatible-mode/v1, a model_name and the same api_key"
        : $"type '{type}' is none of {string.Join(", ", All)}";

    private static string Fold(string? type) => type?.Trim().ToLowerInvariant() ?? "";
}
