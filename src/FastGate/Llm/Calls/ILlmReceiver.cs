namespace FastGate.Llm.Calls;

/// <summary>Receives a reply while it streams. Called by one worker at a time.</summary>
internal interface ILlmReceiver
{
    /// <summary>Part of the reply was sent to the user: the call must not be retried.</summary>
    bool HasSpoken { get; }

    /// <summary>The reply contains words; thinking and white space do not count.</summary>
    bool HasText { get; }

    /// <summary>The next piece of the reply, as the provider sent it.</summary>
    void Text(string text);

    /// <summary>The reply is complete.</summary>
    void End();

    /// <summary>Another attempt begins: discards what was collected.</summary>
    void Restart();
}
