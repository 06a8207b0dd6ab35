namespace FastGate.Protocol.Messages;

/// <summary>The <c>state</c> of a <c>listen</c> message.</summary>
public enum ListenState : byte
{
    /// <summary>Missing, or not a string.</summary>
    None = 0,

    /// <summary>Recording starts.</summary>
    Start,

    /// <summary>The utterance has ended.</summary>
    Stop,

    /// <summary>A wake word was heard, or text was typed.</summary>
    Detect,

    /// <summary>Any other string.</summary>
    Other,
}

/// <summary>The <c>mode</c> of a <c>listen</c> message: what ends an utterance.</summary>
public enum ListenMode : byte
{
    /// <summary>Missing, or none of these.</summary>
    None = 0,

    /// <summary>The server detects silence.</summary>
    Auto,

    /// <summary>The user releases a button.</summary>
    Manual,

    /// <summary>The microphone stays on, also during the reply.</summary>
    Realtime,
}
