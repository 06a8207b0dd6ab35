using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Turns the events of one streamed reply into updates. Used by one call, by one thread at a time.</summary>
internal interface IReplyReader
{
    /// <summary>True once the protocol has said that the reply is complete.</summary>
    bool IsComplete { get; }

    /// <summary>True once nothing that follows is needed.</summary>
    bool IsOver { get; }

    /// <summary>A data field that is no JSON, such as <c>[DONE]</c>.</summary>
    void ReadMark(string mark);

    /// <summary>Adds what the event brings to the update. Throws <c>LlmException</c> for an error that the provider reports.</summary>
    void Read(string eventType, JsonElement data, ChatResponseUpdate update);

    /// <summary>Adds what was held back until the end.</summary>
    void Finish(ChatResponseUpdate update);
}
