namespace FastGate.Conversation;

/// <summary>
/// Receives the reply to one turn; implemented in Sessions. Called by one worker at a time, in order. No method blocks or throws, and none is
/// called after <see cref="Complete"/>.
/// </summary>
internal interface IReplySink
{
    /// <summary>The emotion of the reply; once, before the first sentence.</summary>
    void Emotion(string emoji, string emotion);

    /// <summary>The next sentence, ready to be spoken.</summary>
    void Sentence(string text);

    /// <summary>The session ends after this turn, unless the turn is interrupted. Any thread.</summary>
    void EndSession();

    /// <summary>The turn has ended; exactly once.</summary>
    void Complete(TurnOutcome outcome);
}
