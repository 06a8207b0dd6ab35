using System.Buffers;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// A provider that answers one POST with a stream, read by <see cref="ReplyEvents"/>. Retries and timeouts are the caller's.
/// </summary>
internal abstract class StreamingChatClient(LlmProviderSettings settings, Uri address) : IChatClient
{
    /// <summary>Characters that only HTML needs escaped stay as they are: a body of Chinese text is half as long.</summary>
    public static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int SmallestBody = 1024;

    /// <summary>A body with a picture is larger, and no measure for the next one.</summary>
    private const int LargestExpectedBody = 256 * 1024;

    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly HttpClient _http = ProviderHttp.Create(settings, address);

    // Length of the last body, so that the next one seldom grows its buffer. Any thread; the last write wins.
    private int _bodyLength = SmallestBody;

    protected LlmProviderSettings Settings => settings;

    protected Uri Address => address;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = CreateRequest(messages, options);
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (ChatResponseUpdate update in ReplyEvents.ReadAsync(CreateReader(options), body, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        _http.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract IReplyReader CreateReader(ChatOptions? options);

    protected abstract HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options);

    /// <summary>The user's last words, for providers that keep prompt and history themselves.</summary>
    protected static string LastWords(IEnumerable<ChatMessage> messages) =>
        messages.LastOrDefault(static message => message.Role == ChatRole.User)?.Text ?? "";

    /// <summary>A POST with a JSON body.</summary>
    protected HttpRequestMessage Post(Uri uri, Action<Utf8JsonWriter> writeBody)
    {
        int expected = _bodyLength;
        var buffer = new ArrayBufferWriter<byte>(expected + (expected / 4));
        using (var json = new Utf8JsonWriter(buffer, Writer))
        {
            json.WriteStartObject();
            writeBody(json);
            json.WriteEndObject();
        }

        _bodyLength = Math.Clamp(buffer.WrittenCount, SmallestBody, LargestExpectedBody);
        var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        content.Headers.ContentType = s_json;
        return new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
    }
}
