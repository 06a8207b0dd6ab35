using System.Net.Http.Headers;
using System.Text.Json;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>A server with OpenAI's chat completions API.</summary>
internal sealed class OpenAiChatClient(LlmProviderSettings settings) : StreamingChatClient(Validate(settings), ProviderHttp.OpenAiBase(settings.BaseUrl))
{
    protected override IReplyReader CreateReader(ChatOptions? options) => new OpenAiReplyReader(options?.Tools is { Count: > 0 });

    protected override HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        HttpRequestMessage request = Post(new Uri(Address.ToString().TrimEnd('/') + "/chat/completions"), json =>
        {
            json.WriteString("model"u8, Settings.Model);
            OpenAiMessages.Write(json, messages, options);
            WriteOptions(json, options);
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        });

        // A local server needs no key.
        if (Settings.ApiKey is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return request;
    }

    private static LlmProviderSettings Validate(LlmProviderSettings settings) =>
        settings.Model is null ? throw new ArgumentException("the provider names no model", nameof(settings))
        : settings is { BaseUrl: null, ApiKey: null } ? throw new ArgumentException("the provider has neither an address nor an API key", nameof(settings))
        : settings;

    private void WriteOptions(Utf8JsonWriter json, ChatOptions? options)
    {
        Write(json, "temperature", options?.Temperature ?? Settings.Temperature);
        Write(json, "top_p", options?.TopP ?? Settings.TopP);
        Write(json, "frequency_penalty", options?.FrequencyPenalty ?? Settings.FrequencyPenalty);
        Write(json, "presence_penalty", options?.PresencePenalty ?? Settings.PresencePenalty);
        if ((options?.MaxOutputTokens ?? Settings.MaxTokens) is { } tokens)
        {
            // Compatible servers know the older name; many ignore the newer one without an error.
            json.WriteNumber(Address.Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase) ? "max_completion_tokens"u8 : "max_tokens"u8, tokens);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
