using System.Diagnostics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;
using FastGate.Speech.Playing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Synthesis;
using Microsoft.Extensions.Logging;

namespace FastGate.Speech;

/// <summary>
/// What all devices share to hear and to speak. Nothing starts, and no native library is loaded, before the first device listens or speaks.
/// </summary>
internal sealed class SpeechServices : IDisposable
{
    private readonly SpeechWorkers _workers;
    private readonly SpeechMemory _memory;
    private readonly EndpointSettings _endpoint;
    private readonly Pacer _pacer;
    private readonly FrameEncoders _encoders;
    private readonly EncodeThreads _encodeThreads;
    private readonly VoiceDetectors _detectors;
    private volatile SpeechProviders _providers;
    private volatile SpeechMode _mode;
    private int _replies;

    /// <param name="options">What is read at start.</param>
    /// <param name="providers">The first providers.</param>
    /// <param name="frameMs">Duration of a frame to a device.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="log">The log.</param>
    /// <param name="createDecoder">Creates decoders for <see cref="VoiceStream.SampleRate"/>; null for those of the best library.</param>
    public SpeechServices(
        SpeechOptions options, SpeechProviders providers, int frameMs, SpeechMetrics metrics, ILogger<SpeechServices> log, Func<IOpusDecoder>? createDecoder = null)
    {
        FrameMs = frameMs;
        Metrics = metrics;
        Log = log;
        _providers = providers;
        _mode = options.Mode;
        _endpoint = EndpointOf(options.Vad);
        _memory = new SpeechMemory((long)options.MemoryMegabytes * 1024 * 1024);
        _detectors = new VoiceDetectors(options.Vad.Model, log);
        _workers = new SpeechWorkers(createDecoder ?? (static () => OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate)), _detectors.Create, log);
        _pacer = new Pacer(log);
        var opus = new OpusSettings(options.Opus.Bitrate, options.Opus.Complexity);
        _encoders = new FrameEncoders(sampleRate => OpusCodec.Best.CreateEncoder(sampleRate, opus), frameMs);
        _encodeThreads = new EncodeThreads(options.Opus.Threads);
        metrics.Observe(() => _memory.Lent, () => _encodeThreads.Pieces);
    }

    /// <summary>Throws <see cref="IOException"/> when the configured voice model cannot be used.</summary>
    public void Check() => _detectors.Check();

    public int FrameMs { get; }

    public SpeechMetrics Metrics { get; }

    public ILogger Log { get; }

    /// <summary>False: sound is counted and dropped.</summary>
    public bool Hears => _mode != SpeechMode.Off;

    /// <summary>True: what was said is played back.</summary>
    public bool IsParrot => _mode == SpeechMode.Parrot || (Hears && Recognizer is null);

    public ISpeechRecognizer? Recognizer => _providers.Recognizer;

    public ISpeechSynthesizer? Synthesizer => Hears ? _providers.Synthesizer : null;

    /// <summary>The providers in force. A reload replaces them; who keeps them for a turn ends the turn with them.</summary>
    public SpeechProviders Providers => _providers;

    /// <summary>Sound is being made for a device. Any thread.</summary>
    public bool HasReplies => Volatile.Read(ref _replies) > 0;

    public void BeginReply() => Interlocked.Increment(ref _replies);

    public void EndReply() => Interlocked.Decrement(ref _replies);

    /// <summary>An utterance of another process, which is complete. Null at the bound of memory.</summary>
    public Utterance? UtteranceOf(ReadOnlySpan<short> sound)
    {
        var utterance = new Utterance(_memory);
        if (!utterance.TryAppend(sound))
        {
            utterance.Release();
            return null;
        }

        utterance.SpokenAt = utterance.EndedAt = Stopwatch.GetTimestamp();
        return utterance;
    }

    /// <summary>Begins to listen to a device. Null at the bound of memory. Any thread.</summary>
    /// <param name="mode">Who delimits the utterances.</param>
    /// <param name="handler">Receives them.</param>
    /// <param name="earlier">What was heard before: it is heard again.</param>
    /// <param name="isPaused">An utterance waits for its words.</param>
    public Capture? Listen(CaptureMode mode, IUtteranceHandler handler, short[]? earlier = null, bool isPaused = false)
    {
        var capture = Capture.TryCreate(mode, handler, _endpoint, _memory, Metrics);
        capture?.Continue(earlier, isPaused);
        return capture is not null && _workers.TryAdd(capture) ? capture : null;
    }

    /// <summary>Bytes of sound that are held.</summary>
    public long MemoryInUse => _memory.Lent;

    public Playback Speak(IPlaybackOutput output) => new(output, _pacer, FrameMs, Metrics);

    /// <summary>Encodes sound for a playback. The caller disposes it.</summary>
    public SoundEncoder Encode(Playback playback) => new(_encoders, _encodeThreads, playback);

    /// <summary>Prepares new providers; the returned action puts them in force. Calls in progress end with the old ones, which are then garbage.</summary>
    public Action Prepare(SpeechOptions options, SpeechProviders providers) => () =>
    {
        string before = Describe();
        _providers = providers;
        _mode = options.Mode;
        if (Describe() is var after && after != before)
        {
            Log.SpeechReady(after);
        }
    };

    /// <summary>One line for the log: what is on, and how to change it.</summary>
    public string Describe() => !Hears ? "off (Speech:Mode)"
        : IsParrot ? "parrot: what is said is played back; set Speech:Asr:Providers to have a conversation"
        : $"recogniser {Recognizer!.Name}, " + (Synthesizer is { } voice ? $"synthesiser {voice.Name}" : "no synthesiser: replies are text; set Speech:Tts:Providers or install espeak-ng");

    /// <summary>The state for the administrator. Any thread.</summary>
    public SpeechExplanation Explain()
    {
        SpeechProviders providers = _providers;
        return new SpeechExplanation
        {
            Mode = !Hears ? "off" : IsParrot ? "parrot" : "conversation",
            Why = Describe(),
            Codec = OpusCodec.Loaded,
            Detector = _detectors.Description,
            Recognizers = [.. providers.Recognizers.Select(SpeechProviderExplanation.Of)],
            Synthesizers = [.. providers.Synthesizers.Select(SpeechProviderExplanation.Of)],
            MemoryInUse = _memory.Lent,
            MemoryLimit = _memory.Limit,
        };
    }

    /// <summary>Logs the failure of a provider. Any thread.</summary>
    public void ReportFailure(Exception exception)
    {
        if (exception is SpeechProviderException failure)
        {
            Log.SpeechProviderFailed(failure.Message);
        }
        else
        {
            Log.SpeechFaulted(exception);
        }
    }

    public void Dispose()
    {
        _workers.Dispose();
        _encodeThreads.Dispose();
        _pacer.Dispose();
        _encoders.Dispose();
        Recognizer?.Dispose();
        Synthesizer?.Dispose();
    }

    private static EndpointSettings EndpointOf(SpeechVadOptions options) => new()
    {
        Threshold = options.Threshold / 100f,
        LowThreshold = Math.Min(options.LowThreshold, options.Threshold) / 100f,
        SilenceMs = (int)options.Silence.TotalMilliseconds,
        MinVoiceMs = (int)options.MinVoice.TotalMilliseconds,
        PreRollMs = (int)options.PreRoll.TotalMilliseconds,
        MaxMs = (int)options.MaxUtterance.TotalMilliseconds,
        NoPacketMs = (int)options.NoPacket.TotalMilliseconds,
    };
}
