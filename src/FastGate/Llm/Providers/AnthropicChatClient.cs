using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>A server with Anthropic's messages API.</summary>
internal sealed class AnthropicChatClient(LlmProviderSettings settings) : StreamingChatClient(Validate(settings), ProviderHttp.AnthropicBase(settings.BaseUrl))
{
    /// <summary>The API requires a limit for every reply.</summary>
    private const int DefaultMaxTokens = 1_024;

    private const string ApiVersion = "2023-06-01";

    protected override IReplyReader CreateReader(ChatOptions? options) => new AnthropicReplyReader();

    protected override HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        HttpRequestMessage request = Post(new Uri(Address.ToString().TrimEnd('/') + "/v1/messages"), json =>
        {
            json.WriteString("model"u8, Settings.Model);
            json.WriteNumber("max_tokens"u8, options?.MaxOutputTokens ?? Settings.MaxTokens ?? DefaultMaxTokens);
            if ((options?.Temperature ?? Settings.Temperature) is { } temperature)
            {
                json.WriteNumber("temperature"u8, temperature);
            }

            if ((options?.TopP ?? Settings.TopP) is { } topP)
            {
                json.WriteNumber("top_p"u8, topP);
            }

            AnthropicMessages.Write(json, messages, options);
            json.WriteBoolean("stream"u8, true);
        });
        request.Headers.Add("x-api-key", Settings.ApiKey);
        request.Headers.Add("anthropic-version", ApiVersion);
        return request;
    }

    private static LlmProviderSettings Validate(LlmProviderSettings settings) =>
        settings.Model is null ? throw new ArgumentException("the provider names no model", nameof(settings))
        : settings.ApiKey is null ? throw new ArgumentException("the provider has no API key", nameof(settings))
        : settings;
}
