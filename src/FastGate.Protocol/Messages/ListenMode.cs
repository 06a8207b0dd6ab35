namespace FastGate.Protocol.Messages;

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
