namespace FastGate.Speech.Hearing;

/// <summary>Receives what a device says. Called by one speech worker, in order; must not block.</summary>
internal interface IUtteranceHandler
{
    /// <summary>Speech has begun. The handler owns the utterance from here on and releases it.</summary>
    void OnStarted(Utterance utterance);

    /// <summary>The utterance that has begun holds enough voice to be words. Not called for an utterance that the device delimits.</summary>
    void OnSpoken();

    /// <summary>
    /// The user is silent after these words, which may be all of them; or, when empty, the words of the call before are not what was said.
    /// </summary>
    void OnPartialWords(string words);

    /// <summary>The utterance is complete.</summary>
    void OnEnded(Utterance utterance);

    /// <summary>The utterance was noise or was given up; it does not count as said.</summary>
    void OnDiscarded(Utterance utterance);

    /// <summary>There is no memory for more sound. The capture hears nothing from here on.</summary>
    void OnRefused();

    /// <summary>A defect has ended what the capture hears.</summary>
    void OnFaulted();
}
