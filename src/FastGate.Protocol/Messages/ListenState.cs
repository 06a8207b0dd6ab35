namespace FastGate.Protocol.Messages;

/// <summary>The <c>state</c> of a <c>listen</c> message.</summary>
public enum ListenState : byte
{
    /// <summary>Missing, or no string.</summary>
    None = 0,

    /// <summary>A capture begins.</summary>
    Start,

    /// <summary>The utterance is over.</summary>
    Stop,

    /// <summary>A wake word was heard, or text was typed.</summary>
    Detect,

    /// <summary>Some other string.</summary>
    Other,
}
