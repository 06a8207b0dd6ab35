namespace FastGate.Conversation;

/// <summary>
/// Where a worker puts the answer to one turn. Implemented above this floor, by the turn that belongs to a device.
/// Called by one worker at a time, in order; no call blocks and none throws. After <see cref="Complete"/> nothing follows.
/// </summary>
internal interface IReplySink
{
    /// <summary>The turn was interrupted or its device has gone: what is still sent goes nowhere.</summary>
    bool IsCancelled { get; }

    /// <summary>The mood of the reply, told once and before the first sentence.</summary>
    void Emotion(string emoji, string emotion);

    /// <summary>The next sentence, ready to be spoken.</summary>
    void Sentence(string text);

    /// <summary>The turn is over; exactly once.</summary>
    void Complete(TurnOutcome outcome);
}
