using System.Net.Http.Headers;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// A Dify application, by its <c>chat-messages</c> endpoint. Dify keeps prompt and history: it gets the user's last words and the id of its own
/// conversation, which is kept per session (<see cref="ChatOptions.ConversationId"/>).
/// </summary>
internal sealed class DifyChatClient(LlmProviderSettings settings) : StreamingChatClient(Validate(settings), ProviderHttp.Base(settings.BaseUrl ?? "https://api.dify.ai/v1", "/chat-messages"))
{
    private readonly ConversationIds _conversations = new();

    protected override IReplyReader CreateReader(ChatOptions? options) => new DifyReplyReader(id => _conversations.Set(options?.ConversationId, id));

    protected override HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        HttpRequestMessage request = Post(new Uri(Address.ToString().TrimEnd('/') + "/chat-messages"), json =>
        {
            json.WriteStartObject("inputs"u8);
            json.WriteEndObject();
            json.WriteString("query"u8, LastWords(messages));
            json.WriteString("response_mode"u8, "streaming"u8);
            json.WriteString("user"u8, options?.ConversationId ?? "fastgate");
            json.WriteString("conversation_id"u8, _conversations.Find(options?.ConversationId) ?? "");
        });
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Settings.ApiKey);
        return request;
    }

    private static LlmProviderSettings Validate(LlmProviderSettings settings) =>
        settings.ApiKey is null ? throw new ArgumentException("the provider has no API key", nameof(settings)) : settings;
}
