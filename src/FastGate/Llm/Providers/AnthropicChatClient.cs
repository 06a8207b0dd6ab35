using System.Runtime.CompilerServices;
using Anthropic;
using Anthropic.Core;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Anthropic's models, through Anthropic's own SDK and the chat client it brings; ours are the connection and the settings.</summary>
internal sealed class AnthropicChatClient : IChatClient
{
    /// <summary>The protocol demands a bound on every reply; a spoken one is short.</summary>
    private const int DefaultMaxTokens = 1_024;

    private readonly LlmProviderSettings _settings;
    private readonly HttpClient _http;
    private readonly AnthropicClient _sdk;
    private readonly IChatClient _client;

    public AnthropicChatClient(LlmProviderSettings settings)
    {
        if (settings.Model is null)
        {
            throw new ArgumentException("the provider names no model", nameof(settings));
        }

        if (settings.ApiKey is null)
        {
            throw new ArgumentException("the provider has no API key", nameof(settings));
        }

        Uri address = ProviderHttp.AnthropicBase(settings.BaseUrl);
        _settings = settings;
        _http = ProviderHttp.Create(settings, address);
        _sdk = new AnthropicClient(new ClientOptions
        {
            ApiKey = settings.ApiKey,
            BaseUrl = address.ToString().TrimEnd('/'),
            HttpClient = _http,
            MaxRetries = 0,
            Timeout = settings.Timeouts.Total + TimeSpan.FromSeconds(1),
        });
        _client = _sdk.AsIChatClient(settings.Model, settings.MaxTokens ?? DefaultMaxTokens);
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<ChatResponseUpdate> stream = _client.GetStreamingResponseAsync(messages, Options(options), cancellationToken);
        await foreach (ChatResponseUpdate? update in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : _client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        _client.Dispose();
        _sdk.Dispose();
        _http.Dispose();
    }

    private ChatOptions Options(ChatOptions? options)
    {
        ChatOptions result = options?.Clone() ?? new ChatOptions();
        result.Temperature ??= _settings.Temperature;
        result.TopP ??= _settings.TopP;
        result.MaxOutputTokens ??= _settings.MaxTokens ?? DefaultMaxTokens;
        return result;
    }
}
