namespace FastGate.HandOver;

/// <summary>The session of one device.</summary>
internal sealed record SessionState
{
    public Guid SessionId { get; init; }

    /// <summary><c>AudioFraming</c>, which is the version of the protocol.</summary>
    public byte Framing { get; init; }

    /// <summary>The framing that a hello announced and no binary message has confirmed; 0 for none.</summary>
    public byte AnnouncedFraming { get; init; }

    public bool HelloSeen { get; init; }

    public bool WantsEmotion { get; init; } = true;

    /// <summary>The session ends when the reply that is being played has ended.</summary>
    public bool Ending { get; init; }

    /// <summary>The device has had a <c>tts start</c> without its stop.</summary>
    public bool Speaking { get; init; }

    public int TurnNumber { get; init; }

    public byte Language { get; init; }

    public bool FollowsWords { get; init; }

    public byte WrongSecrets { get; init; }

    /// <summary>The last packet of a client that streams without a new <c>listen start</c>; -1 for none.</summary>
    public long StreamedAgeMs { get; init; } = -1;

    /// <summary>Null when the device does not listen.</summary>
    public EarState? Ear { get; init; }

    /// <summary>Null when nothing is being played.</summary>
    public PlaybackState? Playback { get; init; }

    /// <summary>Null when the device has offered no tools.</summary>
    public ToolsState? Tools { get; init; }

    /// <summary>The turns of the dialogue, only where memory does not keep them.</summary>
    public IReadOnlyList<DialogueTurnState> Dialogue { get; init; } = [];
}
