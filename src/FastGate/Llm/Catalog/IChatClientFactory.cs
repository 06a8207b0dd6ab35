using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Catalog;

/// <summary>Makes the client a provider's settings ask for. Throws, with a message fit for an operator, where they do not suffice.</summary>
internal interface IChatClientFactory
{
    IChatClient Create(LlmProviderSettings settings);
}
