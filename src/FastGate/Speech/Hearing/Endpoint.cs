namespace FastGate.Speech.Hearing;

/// <summary>
/// Finds the begin and the end of an utterance from the windows' probabilities. It counts sound and not the clock, so that jitter of the network
/// moves nothing.
/// </summary>
internal struct Endpoint(EndpointSettings settings)
{
    private const int WindowMs = VoiceStream.Window * 1000 / VoiceStream.SampleRate;
    private const int Recent = 5;
    private const int NeededOfRecent = 3;

    private int _recent;
    private int _voiceMs;
    private int _silenceMs;
    private bool _voice;

    public bool IsSpeaking { get; private set; }

    /// <summary>Whether the last window was voice.</summary>
    public readonly bool IsVoice => _voice;

    /// <summary>Silence since the last voice.</summary>
    public readonly int SilenceMs => _silenceMs;

    /// <summary>True when the utterance holds enough voice to be words.</summary>
    public readonly bool IsUtterance => _voiceMs >= settings.MinVoiceMs;

    /// <summary>Takes the next window.</summary>
    public EndpointEvent Next(float probability)
    {
        _voice = probability >= settings.Threshold || (_voice && probability >= settings.LowThreshold);
        _recent = ((_recent << 1) | (_voice ? 1 : 0)) & ((1 << Recent) - 1);
        if (!IsSpeaking)
        {
            if (int.PopCount(_recent) < NeededOfRecent)
            {
                return EndpointEvent.None;
            }

            IsSpeaking = true;
            _voiceMs = NeededOfRecent * WindowMs;
            _silenceMs = 0;
            return EndpointEvent.Started;
        }

        _voiceMs += _voice ? WindowMs : 0;
        _silenceMs = _voice ? 0 : _silenceMs + WindowMs;
        return _silenceMs >= settings.SilenceMs ? EndpointEvent.Ended : EndpointEvent.None;
    }

    /// <summary>Ready for the next utterance.</summary>
    public void Reset() => this = new Endpoint(settings);
}
