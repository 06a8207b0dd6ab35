namespace FastGate.Llm.Calls;

/// <summary>Takes a reply as it comes. Called by one worker at a time.</summary>
internal interface ILlmReceiver
{
    /// <summary>Something has left for the user: from here on nothing may be tried again.</summary>
    bool HasSpoken { get; }

    /// <summary>Nobody wants the rest.</summary>
    bool IsCancelled { get; }

    /// <summary>There is something to say: thinking and white space are not.</summary>
    bool HasText { get; }

    /// <summary>The next piece of the reply, as the provider cut it.</summary>
    void Text(string text);

    /// <summary>The reply is whole.</summary>
    void End();

    /// <summary>Another attempt begins: what was collected and not spoken is forgotten.</summary>
    void Restart();
}
