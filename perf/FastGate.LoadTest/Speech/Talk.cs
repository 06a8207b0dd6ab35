namespace FastGate.LoadTest.Speech;

/// <summary>The turn of a device in the scenario <c>speak</c>. Used by the thread of its loop.</summary>
internal sealed class Talk
{
    public SpokenSentence Sentence { get; private set; } = null!;

    /// <summary>The turn began in the measured load.</summary>
    public bool IsMeasured { get; private set; }

    /// <summary>Number of the next packet.</summary>
    public int Packet { get; set; }

    /// <summary>When the packet with the last sound of the words was due; 0 until then.</summary>
    public long SpeechEnd { get; set; }

    /// <summary>Between <c>tts start</c> and <c>tts stop</c>.</summary>
    public bool Hears { get; set; }

    /// <summary>The server has sent the recognised text: what comes back is not the echo of the sentence.</summary>
    public bool Recognised { get; set; }

    /// <summary>The answer began before the words had ended.</summary>
    public bool CutShort { get; set; }

    /// <summary>The user interrupts this turn.</summary>
    public bool Interrupts { get; private set; }

    public bool IsDone { get; set; } = true;

    public long PingSent { get; set; }

    public long AbortSent { get; set; }

    /// <summary>The frames of the answer.</summary>
    public TurnFrames Frames { get; } = new();

    /// <summary>Their packets, where the turn is compared.</summary>
    public List<byte[]>? Packets { get; private set; }

    public void Begin(SpokenSentence sentence, bool interrupts, bool compared, bool isMeasured)
    {
        IsMeasured = isMeasured;
        Sentence = sentence;
        Packet = 0;
        SpeechEnd = 0;
        Hears = false;
        Recognised = false;
        CutShort = false;
        Interrupts = interrupts;
        IsDone = false;
        PingSent = 0;
        AbortSent = 0;
        Frames.Clear();
        Packets = compared ? [] : null;
    }
}
