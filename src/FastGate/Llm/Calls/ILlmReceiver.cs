using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>Receives a reply while it streams. Called by one worker at a time.</summary>
internal interface ILlmReceiver
{
    /// <summary>Part of the reply was sent to the user: the call must not be retried.</summary>
    bool HasSpoken { get; }

    /// <summary>The reply contains words; white space does not count.</summary>
    bool HasText { get; }

    /// <summary>The next piece of the reply, without reasoning.</summary>
    void Text(string text);

    /// <summary>A tool that the model calls, after the words of the reply. Only where the prompt has tools.</summary>
    void Call(FunctionCallContent call);

    /// <summary>The reply is complete.</summary>
    void End();

    /// <summary>Discards what was collected: another attempt begins, or it was reasoning.</summary>
    void Restart();
}
