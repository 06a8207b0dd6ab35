using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Messages;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Playing;
using FastGate.Speech.Synthesis;

namespace FastGate.Sessions;

/// <summary>
/// The sound of one turn: sentences go in, frames with the turn's number go out when they are due, and the turn ends when they have been played. One
/// writer says sentences, the pacer's thread sends, the loop cancels.
/// </summary>
internal sealed partial class DeviceVoice : IPlaybackOutput, IDisposable
{
    /// <summary>Sentences that wait to be synthesised. A longer reply loses what is beyond, with a count.</summary>
    private const int MaxWaiting = 256;

    private readonly SpeechServices _speech;
    private readonly IDeviceOutbound _outbound;
    private readonly AudioFraming _framing;
    private readonly Guid _sessionId;
    private readonly int _turn;
    private readonly SessionTexts _texts;
    private readonly SpeechProviders _providers;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Channel<string> _sentences = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Playback _playback;
    private volatile TurnOutcome _outcome;

    private readonly long _startedAt = Stopwatch.GetTimestamp();

    // The turn's span, which the writer's thread has. Boxed, because a context is written in several steps.
    private volatile object? _trace;

    // Null for a turn that was not spoken.
    private HeardUtterance? _heard;

    // Timestamp of the first sound of the turn. Written by the writer, read by the pacer's thread.
    private long _firstSoundAt;

    // Owned by the pacer's thread; the loop reads the time of the first frame.
    private uint _frames;
    private long _firstFrameAt;

    public DeviceVoice(SpeechServices speech, IDeviceOutbound outbound, AudioFraming framing, Guid sessionId, int turn, SessionTexts texts, HeardUtterance? heard)
    {
        _heard = heard;
        _speech = speech;
        _outbound = outbound;
        _framing = framing;
        _sessionId = sessionId;
        _turn = turn;
        _texts = texts;
        _providers = speech.Providers;
        _playback = speech.Speak(this);
    }

    /// <summary>Timestamp of the first frame of sound; 0 before it. Any thread.</summary>
    public long FirstFrameAt => Volatile.Read(ref _firstFrameAt);

    /// <summary>Begins to synthesise the sentences.</summary>
    public DeviceVoice Start()
    {
        _speech.BeginReply();
        _ = Task.Run(SpeakAsync);
        return this;
    }

    /// <summary>Speaks the sentence after those before it. Never waits.</summary>
    public void Say(string sentence)
    {
        _trace ??= GatewayTracing.CurrentTurn;
        if (!_sentences.Writer.TryWrite(sentence))
        {
            _speech.Metrics.SentencesDropped.Increment();
        }
    }

    /// <summary>There are no more sentences: the turn ends when the last one has been played.</summary>
    public void Complete(TurnOutcome outcome)
    {
        _outcome = outcome;
        _sentences.Writer.TryComplete();
    }

    /// <summary>Plays an utterance as it was heard, then ends the turn.</summary>
    public void PlayBack(Utterance utterance, string caption)
    {
        _speech.BeginReply();
        _ = Task.Run(() => PlayBackAsync(utterance, caption));
    }

    private async Task PlayBackAsync(Utterance utterance, string caption)
    {
        using Activity? turn = GatewayTracing.StartTurn("parrot", null, null);
        _trace = turn?.Context;
        _heard = new HeardUtterance(utterance.SpokenAt, utterance.EndedAt, 0, "");
        _heard.Trace(turn?.Context ?? default);
        Volatile.Write(ref _firstSoundAt, Stopwatch.GetTimestamp());
        using SoundEncoder encoder = _speech.Encode(_playback);
        try
        {
            await _playback.BeginSentenceAsync(caption, _cancellation.Token);
            short[] samples = ArrayPool<short>.Shared.Rent(VoiceStream.SampleRate);
            for (int at = 0, count = utterance.Read(0, samples); count > 0; at += count, count = utterance.Read(at, samples))
            {
                await encoder.EncodeAsync(new SoundPiece(VoiceStream.SampleRate, samples.AsMemory(0, count)), _cancellation.Token);
            }

            await encoder.FlushAsync(_cancellation.Token);
            ArrayPool<short>.Shared.Return(samples);
        }
        catch (OperationCanceledException)
        {
            // Interrupted.
        }
        catch (Exception exception)
        {
            _outcome = TurnOutcome.Failed;
            _speech.ReportFailure(exception);
        }

        utterance.Release();
        _playback.Complete();
        _speech.EndReply();
    }

    /// <summary>Sends nothing more. Loop only; frames that are queued are dropped by their turn's number.</summary>
    public void Dispose()
    {
        // The callbacks of the cancellation close sockets, which must not run on the loop.
        _ = _cancellation.CancelAsync();
        _playback.Cancel();
        _sentences.Writer.TryComplete();
    }

    public void Sentence(string text)
    {
        var writer = new ArrayBufferWriter<byte>(256);
        GatewayMessageWriter.WriteTtsSentenceStart(writer, text, _sessionId);
        _outbound.Post(new OutboundMessage(OutboundKind.TurnText, writer.WrittenSpan.ToArray(), _turn));
    }

    public bool Frame(byte[] packet)
    {
        if (_frames == 0)
        {
            Volatile.Write(ref _firstFrameAt, Stopwatch.GetTimestamp());
            if (Volatile.Read(ref _firstSoundAt) is var soundAt and not 0)
            {
                Took("encode", "", Stopwatch.GetElapsedTime(soundAt, _firstFrameAt));
            }

            Took("first_frame", "", Stopwatch.GetElapsedTime(_startedAt, _firstFrameAt));
            if (_heard is { } heard)
            {
                Took("answer", "", Stopwatch.GetElapsedTime(heard.SpokenAt, _firstFrameAt));
            }
        }

        byte[] message = packet;
        if (_framing != AudioFraming.Raw)
        {
            var writer = new ArrayBufferWriter<byte>(AudioFrameWriter.GetSize(_framing, packet.Length));
            AudioFrameWriter.Write(writer, _framing, packet, timestamp: _frames * (uint)_speech.FrameMs, sequence: _frames);
            message = writer.WrittenSpan.ToArray();
        }

        _frames++;
        return _outbound.PostAudio(new OutboundMessage(OutboundKind.Audio, message, _turn));
    }

    public void Played()
    {
        if (_frames > 0)
        {
            Took("played", "", Stopwatch.GetElapsedTime(_firstFrameAt));
        }

        _outbound.Post(new OutboundMessage(OutboundKind.TurnEnd, [], _turn) { Outcome = _outcome });
    }

    private async Task SpeakAsync()
    {
        try
        {
            await foreach (string sentence in _sentences.Reader.ReadAllAsync(_cancellation.Token))
            {
                await _playback.BeginSentenceAsync(sentence, _cancellation.Token);
                await SoundAsync(sentence);
                _playback.EndSentence();
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted.
        }
        catch (Exception exception)
        {
            _outcome = TurnOutcome.Failed;
            _speech.ReportFailure(exception);
        }

        _playback.Complete();
        _speech.EndReply();
    }

    /// <summary>A line that is always the same is synthesised once.</summary>
    private async Task SoundAsync(string sentence)
    {
        if (!_texts.IsFixedLine(sentence))
        {
            await SynthesizeAsync(sentence);
            return;
        }

        if (_providers.FixedLines.Find(sentence, _speech.FrameMs) is { } frames)
        {
            _speech.Metrics.FixedLineHits.Increment();
            foreach (byte[] frame in frames)
            {
                _playback.AddFrame(frame);
            }

            return;
        }

        _speech.Metrics.FixedLineMisses.Increment();
        _playback.Kept = [];
        if (await SynthesizeAsync(sentence))
        {
            _providers.FixedLines.Keep(sentence, _speech.FrameMs, _playback.Kept);
        }

        _playback.Kept = null;
    }

    /// <summary>A sentence without sound is still shown by the device; the next one is tried.</summary>
    /// <returns>True when the sentence is whole and in the usual voice.</returns>
    private async Task<bool> SynthesizeAsync(string sentence)
    {
        using SoundEncoder encoder = _speech.Encode(_playback);
        if (_providers.Synthesizer is not { } synthesizer)
        {
            return false;
        }

        bool isUsual = true;
        long askedAt = Stopwatch.GetTimestamp();
        bool isFirst = true;
        try
        {
            await foreach (SoundPiece piece in synthesizer.SynthesizeAsync(sentence, _cancellation.Token))
            {
                if (isFirst)
                {
                    isFirst = false;
                    Interlocked.CompareExchange(ref _firstSoundAt, Stopwatch.GetTimestamp(), 0);
                    Took("first_sound", synthesizer.Name, Stopwatch.GetElapsedTime(askedAt), synthesizer.Server);
                }

                isUsual &= !piece.IsFallback;
                await encoder.EncodeAsync(piece, _cancellation.Token);
            }
        }
        catch (SpeechProviderException exception)
        {
            isUsual = false;
            _speech.ReportFailure(exception);
        }

        GatewayTracing.Stage(_trace is ActivityContext turn ? turn : default, "synthesis", synthesizer.Name, Stopwatch.GetElapsedTime(askedAt), server: synthesizer.Server);
        await encoder.FlushAsync(_cancellation.Token);
        return isUsual;
    }

    private void Took(string stage, string provider, TimeSpan duration, Uri? server = null)
    {
        _speech.Metrics.Took(stage, provider, duration);
        GatewayTracing.Stage(_trace is ActivityContext turn ? turn : default, stage, provider, duration, server: server);
    }
}
