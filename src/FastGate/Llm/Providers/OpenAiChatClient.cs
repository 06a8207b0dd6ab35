using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace FastGate.Llm.Providers;

/// <summary>
/// Any server that speaks OpenAI's chat completions, through OpenAI's own SDK. Retries, deadlines and the fate of the connection are
/// the call's business, so the SDK's are switched off.
/// </summary>
internal sealed class OpenAiChatClient : IChatClient
{
    private readonly LlmProviderSettings _settings;
    private readonly HttpClient _http;
    private readonly ChatClient _client;
    private readonly bool _isOpenAiItself;

    public OpenAiChatClient(LlmProviderSettings settings)
    {
        if (settings.Model is null)
        {
            throw new ArgumentException("the provider names no model", nameof(settings));
        }

        if (settings is { BaseUrl: null, ApiKey: null })
        {
            throw new ArgumentException("the provider has neither an address nor an API key", nameof(settings));
        }

        Uri address = ProviderHttp.OpenAiBase(settings.BaseUrl);
        _settings = settings;
        _isOpenAiItself = address.Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase);
        _http = ProviderHttp.Create(settings, address);
        // A server at home needs no key, but the SDK insists on one.
        _client = new ChatClient(settings.Model, new ApiKeyCredential(settings.ApiKey ?? "none"), new OpenAIClientOptions
        {
            Endpoint = address,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            EnableDistributedTracing = false,
        });
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AsyncCollectionResult<StreamingChatCompletionUpdate> stream = _client.CompleteChatStreamingAsync(messages.Select(ToSdk), Options(options), cancellationToken);
        await foreach (StreamingChatCompletionUpdate? update in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var result = new ChatResponseUpdate { Role = ChatRole.Assistant };
            foreach (ChatMessageContentPart? part in update.ContentUpdate)
            {
                if (!string.IsNullOrEmpty(part.Text))
                {
                    result.Contents.Add(new TextContent(part.Text));
                }
            }

            if (update.Usage is { } usage)
            {
                result.Contents.Add(new UsageContent(new UsageDetails
                {
                    InputTokenCount = usage.InputTokenCount,
                    OutputTokenCount = usage.OutputTokenCount,
                    TotalTokenCount = usage.TotalTokenCount,
                }));
            }

            if (update.FinishReason is { } reason)
            {
                result.FinishReason = reason == OpenAI.Chat.ChatFinishReason.Length ? ChatFinishReason.Length
                    : reason == OpenAI.Chat.ChatFinishReason.ContentFilter ? ChatFinishReason.ContentFilter
                    : ChatFinishReason.Stop;
            }

            yield return result;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType.IsInstanceOfType(this) ? this
        : serviceType.IsInstanceOfType(_client) ? _client
        : null;

    public void Dispose() => _http.Dispose();

    private ChatCompletionOptions Options(ChatOptions? options)
    {
        var result = new ChatCompletionOptions
        {
            Temperature = options?.Temperature ?? _settings.Temperature,
            TopP = options?.TopP ?? _settings.TopP,
            FrequencyPenalty = options?.FrequencyPenalty ?? _settings.FrequencyPenalty,
            PresencePenalty = options?.PresencePenalty ?? _settings.PresencePenalty,
        };

        if ((options?.MaxOutputTokens ?? _settings.MaxTokens) is { } tokens)
        {
            if (_isOpenAiItself)
            {
                result.MaxOutputTokenCount = tokens;
            }
            else
            {
                // Compatible servers know the older name; many ignore the newer one without a word.
#pragma warning disable SCME0001 // Marked experimental; the only way to send a field the SDK has renamed.
                result.Patch.Set("$.max_tokens"u8, tokens);
#pragma warning restore SCME0001
            }
        }

        return result;
    }

    private static OpenAI.Chat.ChatMessage ToSdk(ChatMessage message) =>
        message.Role == ChatRole.System ? new SystemChatMessage(message.Text)
        : message.Role == ChatRole.Assistant ? new AssistantChatMessage(message.Text)
        : new UserChatMessage(message.Text);
}
