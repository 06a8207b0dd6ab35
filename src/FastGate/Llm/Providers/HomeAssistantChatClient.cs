using System.Net.Http.Headers;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Home Assistant's conversation API, which answers with one object. The agent's id is the provider's <c>Model</c>; the conversation id is kept per
/// session (<see cref="ChatOptions.ConversationId"/>).
/// </summary>
internal sealed class HomeAssistantChatClient(LlmProviderSettings settings) : StreamingChatClient(Validate(settings), ProviderHttp.Base(settings.BaseUrl!, "/api/conversation/process"))
{
    private readonly ConversationIds _conversations = new();

    protected override IReplyReader CreateReader(ChatOptions? options) => new HomeAssistantReplyReader(id => _conversations.Set(options?.ConversationId, id));

    protected override HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        HttpRequestMessage request = Post(new Uri(Address.ToString().TrimEnd('/') + "/api/conversation/process"), json =>
        {
            json.WriteString("text"u8, LastWords(messages));
            if (Settings.Model is { } agent)
            {
                json.WriteString("agent_id"u8, agent);
            }

            if (_conversations.Find(options?.ConversationId) is { } conversation)
            {
                json.WriteString("conversation_id"u8, conversation);
            }
        });
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Settings.ApiKey);
        return request;
    }

    private static LlmProviderSettings Validate(LlmProviderSettings settings) =>
        settings.BaseUrl is null ? throw new ArgumentException("the provider has no address", nameof(settings))
        : settings.ApiKey is null ? throw new ArgumentException("the provider has no access token", nameof(settings))
        : settings;
}
