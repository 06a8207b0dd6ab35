namespace FastGate.Protocol.Messages;

/// <summary>Who decides when an utterance ends: the <c>mode</c> of a <c>listen</c> message.</summary>
public enum ListenMode : byte
{
    /// <summary>Missing, or none of these.</summary>
    None = 0,

    /// <summary>The server, by silence.</summary>
    Auto,

    /// <summary>The user, by a button.</summary>
    Manual,

    /// <summary>The microphone stays open.</summary>
    Realtime,
}
