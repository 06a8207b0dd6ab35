using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Tools;

/// <summary>Functions that the model may call during a turn: those of a device, of this server or of an operator's server.</summary>
internal interface IToolSource
{
    /// <summary>
    /// The functions that can be called now. Read once at the start of a turn, on any thread; it must not wait. Names are unique within a source
    /// and fit for every provider: letters, digits, '_' and '-', at most 64. A function's task may end with an exception; its message goes
    /// to the model.
    /// </summary>
    IReadOnlyList<AIFunction> Tools { get; }
}
