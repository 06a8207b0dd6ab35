using System.Collections.Concurrent;
using FastGate.Llm.Catalog;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Testing.Conversation;

/// <summary>Creates the test's clients and records their settings.</summary>
internal sealed class FakeChatClientFactory(Func<LlmProviderSettings, IChatClient> make) : IChatClientFactory
{
    public ConcurrentQueue<LlmProviderSettings> Made { get; } = new();

    public IChatClient Create(LlmProviderSettings settings)
    {
        Made.Enqueue(settings);
        return make(settings);
    }
}
