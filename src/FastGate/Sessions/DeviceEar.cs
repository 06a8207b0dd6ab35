using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;

namespace FastGate.Sessions;

/// <summary>
/// A device that listens, from <c>listen start</c> on: its capture and the recognition of what it hears. The loop puts packets; the speech worker
/// reports utterances; the words reach the loop as a message.
/// </summary>
internal sealed class DeviceEar : IUtteranceHandler, IDisposable
{
    private readonly SpeechServices _speech;
    private readonly IDeviceOutbound _outbound;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Capture? _capture;
    private volatile bool _closed;

    // Owned by the speech worker.
    private Task<string>? _words;
    private CancellationTokenSource? _recognition;

    public DeviceEar(SpeechServices speech, IDeviceOutbound outbound, ListenMode mode)
    {
        _speech = speech;
        _outbound = outbound;
        Mode = mode;
        _capture = speech.Listen(
            mode switch { ListenMode.Manual => CaptureMode.Whole, ListenMode.Realtime => CaptureMode.Continuous, _ => CaptureMode.One }, this);
        if (_capture is null)
        {
            OnRefused();
        }
    }

    public ListenMode Mode { get; }

    /// <summary>Takes one packet. Loop only.</summary>
    public void Put(ReadOnlySpan<byte> packet) => _capture?.Put(packet);

    /// <summary>The user has released the button. Loop only.</summary>
    public void Finish() => _capture?.Finish();

    /// <summary>The utterance was no words; listens for the next. Loop only.</summary>
    public void Resume() => _capture?.Resume();

    /// <summary>Ends the capture and every recognition. Loop only.</summary>
    public void Dispose()
    {
        _closed = true;
        _capture?.Close();
        // Its callbacks close sockets, which is not for the loop.
        _ = _cancellation.CancelAsync();
    }

    public void OnStarted(Utterance utterance)
    {
        if (Mode == ListenMode.Realtime)
        {
            Post(new Hearing(this, HearingKind.SpeechStarted));
        }

        if (!_speech.IsParrot && _speech.Recognizer is { } recognizer)
        {
            _recognition = CancellationTokenSource.CreateLinkedTokenSource(_cancellation.Token);
            _words = RecognizeAsync(recognizer, utterance, _recognition.Token);
        }
    }

    public void OnEnded(Utterance utterance)
    {
        _speech.Metrics.Utterances.Increment();
        _speech.Metrics.Took("endpoint", "", Stopwatch.GetElapsedTime(utterance.SpokenAt, utterance.EndedAt));
        if (_words is { } words)
        {
            _words = null;
            _ = ReportAsync(words, _recognition!, utterance);
        }
        else
        {
            Post(new Hearing(this, HearingKind.Sound) { Utterance = utterance });
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

    private async Task ReportAsync(Task<string> words, CancellationTokenSource recognition, Utterance utterance)
    {
        try
        {
            string text = await words;
            var heard = new HeardUtterance(utterance.SpokenAt, utterance.EndedAt, Stopwatch.GetTimestamp(), _speech.Recognizer?.Name ?? "");
            _speech.Metrics.Took("recognition", heard.Recognizer, Stopwatch.GetElapsedTime(heard.EndedAt, heard.WordsAt));
            Post(new Hearing(this, HearingKind.Words) { Text = text, Heard = heard });
        }
        catch (OperationCanceledException)
        {
            // The device stopped listening, or left.
        }
        catch (Exception exception)
        {
            _speech.ReportFailure(exception);
            Post(new Hearing(this, HearingKind.Failed));
        }
        finally
        {
            utterance.Release();
            recognition.Dispose();
        }
    }

    private void Post(Hearing hearing) => _outbound.Post(new OutboundMessage(OutboundKind.Heard, []) { Hearing = hearing });
}
