using FastGate.Llm.Catalog;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Creates the client of a provider by its type.</summary>
internal sealed class ChatClientFactory : IChatClientFactory
{
    public IChatClient Create(LlmProviderSettings settings) => settings.Type switch
    {
        LlmProviderTypes.Echo => new EchoChatClient(),
        LlmProviderTypes.OpenAi => new OpenAiChatClient(settings),
        LlmProviderTypes.Anthropic => new AnthropicChatClient(settings),
        LlmProviderTypes.Dify => new DifyChatClient(settings),
        LlmProviderTypes.Coze => new CozeChatClient(settings),
        LlmProviderTypes.HomeAssistant => new HomeAssistantChatClient(settings),
        LlmProviderTypes.None => throw new ArgumentException("the provider has neither a type nor an address", nameof(settings)),
        _ => throw new ArgumentException(LlmProviderTypes.Advice(settings.Type), nameof(settings)),
    };
}
