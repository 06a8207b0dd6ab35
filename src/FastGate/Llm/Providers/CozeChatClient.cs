using System.Net.Http.Headers;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// A Coze bot, by its v3 chat endpoint; the bot's id is the provider's <c>Model</c>. Coze keeps prompt and history in a conversation, whose id is
/// kept per session (<see cref="ChatOptions.ConversationId"/>).
/// </summary>
internal sealed class CozeChatClient(LlmProviderSettings settings) : StreamingChatClient(Validate(settings), ProviderHttp.Base(settings.BaseUrl ?? "https://api.coze.cn", "/v3/chat"))
{
    private readonly ConversationIds _conversations = new();

    protected override IReplyReader CreateReader(ChatOptions? options) => new CozeReplyReader(id => _conversations.Set(options?.ConversationId, id));

    protected override HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        string query = _conversations.Find(options?.ConversationId) is { } id ? "?conversation_id=" + Uri.EscapeDataString(id) : "";
        HttpRequestMessage request = Post(new Uri(Address.ToString().TrimEnd('/') + "/v3/chat" + query), json =>
        {
            json.WriteString("bot_id"u8, Settings.Model);
            json.WriteString("user_id"u8, options?.ConversationId ?? "fastgate");
            json.WriteBoolean("stream"u8, true);
            json.WriteBoolean("auto_save_history"u8, true);
            json.WriteStartArray("additional_messages"u8);
            json.WriteStartObject();
            json.WriteString("role"u8, "user"u8);
            json.WriteString("content"u8, LastWords(messages));
            json.WriteString("content_type"u8, "text"u8);
            json.WriteEndObject();
            json.WriteEndArray();
        });
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Settings.ApiKey);
        return request;
    }

    private static LlmProviderSettings Validate(LlmProviderSettings settings) =>
        settings.ApiKey is null ? throw new ArgumentException("the provider has no access token", nameof(settings))
        : settings.Model is null ? throw new ArgumentException("the provider names no bot (bot_id)", nameof(settings))
        : settings;
}
