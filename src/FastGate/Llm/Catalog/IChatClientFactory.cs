using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Catalog;

/// <summary>Creates the chat client for a provider's settings. Throws for insufficient settings, with a message for the operator.</summary>
internal interface IChatClientFactory
{
    IChatClient Create(LlmProviderSettings settings);
}
