using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Protocol.Messages;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;

namespace FastGate.Sessions;

/// <summary>
/// A device that listens, from <c>listen start</c> on: its capture and the recognition of what it hears. The loop puts packets; the speech worker
/// reports utterances; the words reach the loop as a message.
/// </summary>
internal sealed partial class DeviceEar : IUtteranceHandler, IDisposable
{
    private readonly SpeechServices _speech;
    private readonly IDeviceOutbound _outbound;
    private volatile bool _closed;

    // Owned by the loop. Null while there is no memory for sound.
    private Capture? _capture;

    // Owned by the speech worker: the utterance that grows.
    private Task<string>? _words;
    private CancellationTokenSource? _recognition;
    private bool _reported;

    // The last utterance that has ended. Any thread, by exchange.
    private EndedUtterance? _ended;

    public DeviceEar(SpeechServices speech, IDeviceOutbound outbound, ListenMode mode, EarState? earlier = null)
    {
        _speech = speech;
        _outbound = outbound;
        Mode = mode;
        _capture = earlier is null ? Listen() : ListenOn(earlier);
        if (_capture is null)
        {
            OnRefused();
        }
    }

    public ListenMode Mode { get; }

    /// <summary>There was memory for sound: the next packet has a place. Loop only.</summary>
    public bool HasCapture => _capture is not null;

    /// <summary>Takes one packet. Loop only.</summary>
    public void Put(ReadOnlySpan<byte> packet) => (_capture ??= Listen())?.Put(packet);

    /// <summary>The user has released the button. Loop only.</summary>
    public void Finish() => _capture?.Finish();

    /// <summary>The utterance was no words; listens for the next. Loop only.</summary>
    public void Resume() => _capture?.Resume();

    /// <summary>Cancels the recognition of what was said, so that it is not answered, and continues to listen. Loop only.</summary>
    public void Forget()
    {
        ForgetEnded();
        Resume();
    }

    /// <summary>
    /// After a refusal for want of memory, or a fault. False when the device will ask again; one in realtime mode does not, and its next packet begins
    /// a new capture as soon as there is memory. Loop only.
    /// </summary>
    public bool TryRestart()
    {
        _capture?.Close();
        _capture = null;
        return Mode == ListenMode.Realtime;
    }

    /// <summary>Ends the capture and every recognition. Loop only.</summary>
    public void Dispose()
    {
        _closed = true;
        _capture?.Close();
        ForgetEnded();
    }

    public void OnStarted(Utterance utterance)
    {
        _recognition = new CancellationTokenSource();
        if (!_speech.IsParrot && _speech.Recognizer is { } recognizer)
        {
            _words = RecognizeAsync(recognizer, utterance, _recognition.Token);
        }
    }

    public void OnSpoken()
    {
        if (Mode == ListenMode.Realtime)
        {
            ForgetEnded();
            Post(new Hearing(this, HearingKind.SpeechStarted));
        }
    }

    public void OnPartialWords(string words)
    {
        _reported = words.Length > 0;
        Post(new Hearing(this, HearingKind.PartialWords) { Text = words });
    }

    public void OnEnded(Utterance utterance)
    {
        _reported = false;
        _speech.Metrics.Utterances.Increment();
        _speech.Metrics.Took("endpoint", "", Stopwatch.GetElapsedTime(utterance.SpokenAt, utterance.EndedAt));
        CancellationTokenSource ended = _recognition!;
        _ = Interlocked.Exchange(ref _ended, new EndedUtterance(utterance, ended))?.Recognition.CancelAsync();
        if (_closed)
        {
            // The device left before the exchange.
            ForgetEnded();
        }

        if (_words is { } words)
        {
            _words = null;
            _ = ReportAsync(words, utterance, ended.Token);
        }
        else
        {
            Post(new Hearing(this, HearingKind.Sound) { Utterance = utterance, Forgotten = ended.Token });
            if (_closed && utterance.TryClaim())
            {
                // The loop had read its queue for the last time.
                utterance.Release();
            }
        }
    }

    public void OnDiscarded(Utterance utterance)
    {
        _speech.Metrics.Discarded.Increment();
        if (_reported)
        {
            OnPartialWords("");
        }

        if (_words is { } words)
        {
            _words = null;
            _ = AbandonAsync(words, _recognition!);
        }

        utterance.Release();
    }

    public void OnRefused()
    {
        _speech.Metrics.Refused.Increment();
        Post(new Hearing(this, HearingKind.Refused));
    }

    public void OnFaulted()
    {
        _speech.Metrics.CaptureFaults.Increment();
        Post(new Hearing(this, HearingKind.Faulted));
    }

    /// <summary>Any thread. Not Cancel, whose callbacks close sockets.</summary>
    private void ForgetEnded() => _ = Interlocked.Exchange(ref _ended, null)?.Recognition.CancelAsync();

    private Capture? Listen(short[]? earlier = null, bool isPaused = false) => _speech.Listen(
        Mode switch { ListenMode.Manual => CaptureMode.Whole, ListenMode.Realtime => CaptureMode.Continuous, _ => CaptureMode.One },
        this,
        earlier,
        isPaused);

    private static async Task<string> RecognizeAsync(ISpeechRecognizer recognizer, Utterance utterance, CancellationToken cancellationToken)
    {
        // The speech worker must not run the recogniser's code.
        await Task.Yield();
        return await recognizer.RecognizeAsync(utterance, cancellationToken);
    }

    private static async Task AbandonAsync(Task<string> words, CancellationTokenSource recognition)
    {
        await recognition.CancelAsync();
        await ((Task)words).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        recognition.Dispose();
    }

    private async Task ReportAsync(Task<string> words, Utterance utterance, CancellationToken forgotten)
    {
        try
        {
            string text = await words;
            var heard = new HeardUtterance(utterance.SpokenAt, utterance.EndedAt, Stopwatch.GetTimestamp(), _speech.Recognizer?.Name ?? "", _speech.Recognizer?.Server);
            _speech.Metrics.Took("recognition", heard.Recognizer, Stopwatch.GetElapsedTime(heard.EndedAt, heard.WordsAt));
            _lateWords = text;
            Post(new Hearing(this, HearingKind.Words) { Text = text, Heard = heard, Forgotten = forgotten });
        }
        catch (OperationCanceledException)
        {
            // The device stopped listening, or left.
        }
        catch (Exception exception)
        {
            _speech.ReportFailure(exception);
            bool isBusy = exception is SpeechProviderException { IsBusy: true };
            Post(new Hearing(this, HearingKind.Failed) { Forgotten = forgotten, IsBusy = isBusy });
        }
        finally
        {
            utterance.Release();
        }
    }

    private void Post(Hearing hearing) => _outbound.Post(new OutboundMessage(OutboundKind.Heard, []) { Hearing = hearing });
}
