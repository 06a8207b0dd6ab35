using FastGate.Llm.Settings;
using FastGate.Outbound;

namespace FastGate.Llm.Providers;

/// <summary>The HTTP client of one provider. Cancelling a stream closes its connection.</summary>
internal static class ProviderHttp
{
    public static HttpClient Create(LlmProviderSettings settings, Uri address) => new(
        new ProviderHttpHandler(OutboundHttp.CreateHandler(address, settings.Timeouts.Connect, settings.MaxConcurrency), settings.ApiKey))
    {
        // LlmAttempt enforces the timeouts.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The address without the endpoint's own path, a trailing slash, query or fragment.</summary>
    public static Uri Base(string baseUrl, string endpoint)
    {
        var uri = new Uri(baseUrl);
        string path = uri.AbsolutePath.TrimEnd('/');
        path = path.EndsWith(endpoint, StringComparison.OrdinalIgnoreCase) ? path[..^endpoint.Length] : path;
        return OutboundHttp.WithPath(uri, path);
    }

    /// <summary>
    /// The base address of <c>chat/completions</c>. The setting may have a version, a trailing slash, or the path of an endpoint; Ollama's own
    /// endpoints stand for its compatible ones.
    /// </summary>
    public static Uri OpenAiBase(string? baseUrl)
    {
        var uri = new Uri(baseUrl ?? "https://api.openai.com/v1");
        string path = uri.AbsolutePath.TrimEnd('/');
        foreach (string endpoint in (ReadOnlySpan<string>)["/chat/completions", "/v1/completions", "/v1/models", "/v1/responses", "/api/chat", "/api/generate"])
        {
            if (path.EndsWith(endpoint, StringComparison.OrdinalIgnoreCase))
            {
                path = path[..^endpoint.Length] + (endpoint.StartsWith("/chat", StringComparison.Ordinal) ? "" : "/v1");
                return OutboundHttp.WithPath(uri, path);
            }
        }

        path = path.Length == 0 ? "/v1" : path;

        return OutboundHttp.WithPath(uri, path);
    }

    /// <summary>The base address without <c>/v1</c>, which the client adds.</summary>
    public static Uri AnthropicBase(string? baseUrl)
    {
        var uri = new Uri(baseUrl ?? "https://api.anthropic.com");
        string path = uri.AbsolutePath.TrimEnd('/');
        foreach (string tail in (ReadOnlySpan<string>)["/messages", "/v1"])
        {
            if (path.EndsWith(tail, StringComparison.OrdinalIgnoreCase))
            {
                path = path[..^tail.Length];
            }
        }

        return OutboundHttp.WithPath(uri, path);
    }
}
