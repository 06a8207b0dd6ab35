using FastGate.Diagnostics;
using FastGate.Speech.Codec;
using FastGate.Transport.Concurrency;
using Microsoft.Extensions.Logging;

namespace FastGate.Speech.Hearing;

/// <summary>
/// A thread that listens to a share of the devices. While a device listens it makes a round every <see cref="RoundMs"/>: it decodes what has
/// arrived and judges one window of every device at a time, so that a detector can judge many at once. While no device listens, it sleeps.
/// </summary>
/// <remarks>Loops put packets without waking this thread; only a new capture wakes it.</remarks>
internal sealed class SpeechWorker : IDisposable
{
    /// <summary>The longest time that a packet waits for its round.</summary>
    public const int RoundMs = 20;

    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(1);

    private readonly Func<IVoiceDetector> _createDetector;
    private readonly ILogger _logger;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private IntrusiveStack<Capture> _intake;
    private volatile bool _stopping;

    // Owned by the thread.
    private readonly List<Capture> _captures = [];
    private readonly List<Capture> _ready = [];
    private readonly SpeechScratch _scratch;
    private VoiceStream[] _batch = new VoiceStream[16];
    private IVoiceDetector? _detector;
    private HearingClock _clock;

    public SpeechWorker(int number, Func<IOpusDecoder> createDecoder, Func<IVoiceDetector> createDetector, ILogger logger)
    {
        _scratch = new SpeechScratch(createDecoder);
        _createDetector = createDetector;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = $"fastgate-speech-{number}" };
        _thread.Start();
    }

    /// <summary>Begins to listen. Any thread; the capture must be new.</summary>
    public void Add(Capture capture)
    {
        _intake.Push(capture);
        _wake.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join(s_joinLimit);
    }

    private void Run()
    {
        while (!_stopping)
        {
            long began = Environment.TickCount64;
            Adopt();
            Round();
            Release();
            if (_captures.Count == 0)
            {
                _wake.WaitOne();
            }
            else
            {
                // A capture that is added meanwhile cuts the sleep short, which does no harm.
                _wake.WaitOne((int)Math.Clamp(RoundMs - (Environment.TickCount64 - began), 0, RoundMs));
            }
        }

        _captures.ForEach(Release);
        _scratch.Dispose();
        _detector?.Dispose();
    }

    private void Adopt()
    {
        Capture? capture = _intake.TakeAllInOrder();
        while (capture is not null)
        {
            Capture? next = capture.Next;
            capture.Next = null;
            _captures.Add(capture);
            capture = next;
        }
    }

    private void Round()
    {
        while (FillWindows())
        {
            Detect();
            foreach (Capture capture in _ready)
            {
                Guard(capture, static (capture, _, _) => capture.TakeWindow(), 0);
            }
        }

        long nowMs = _clock.Read(Environment.TickCount64);
        foreach (Capture capture in _captures)
        {
            Guard(capture, static (capture, _, now) => capture.EndRound(now), nowMs);
        }
    }

    private bool FillWindows()
    {
        // Read for each pass: the one before may have loaded a model, and what arrived meanwhile is not old.
        long nowMs = _clock.Read(Environment.TickCount64);
        _ready.Clear();
        foreach (Capture capture in _captures)
        {
            Guard(capture, static (capture, worker, now) =>
            {
                if (capture.TryFillWindow(worker._scratch, now))
                {
                    worker._ready.Add(capture);
                }
            }, nowMs);
        }

        return _ready.Count > 0;
    }

    private void Detect()
    {
        if (_batch.Length < _ready.Count)
        {
            _batch = new VoiceStream[_ready.Count * 2];
        }

        int count = 0;
        foreach (Capture capture in _ready)
        {
            if (capture.IsDetected)
            {
                _batch[count++] = capture.Stream;
            }
        }

        if (count > 0)
        {
            Judge(_batch.AsSpan(0, count));
        }
    }

    /// <summary>A model that fails must not end the process: from then on the embedded detector judges.</summary>
    private void Judge(ReadOnlySpan<VoiceStream> streams)
    {
        try
        {
            _detector ??= _createDetector();
            _detector.Detect(streams);
        }
        catch (Exception exception)
        {
            _logger.SpeechFaulted(exception);
            _detector?.Dispose();
            _detector = new EnergyDetector();

            // The state that the failed detector has kept has no meaning for the other one.
            _captures.ForEach(static capture => capture.Stream.Memory = null);
            _detector.Detect(streams);
        }
    }

    private void Release()
    {
        for (int i = _captures.Count - 1; i >= 0; i--)
        {
            if (_captures[i].IsClosed)
            {
                Release(_captures[i]);
                _captures.RemoveAt(i);
            }
        }
    }

    private void Release(Capture capture)
    {
        Guard(capture, static (capture, worker, _) => capture.SaveSound(worker._scratch), 0);
        capture.Release(_scratch);
    }

    /// <summary>A defect in one device's sound must not silence the others: it ends what that capture hears.</summary>
    private void Guard(Capture capture, Action<Capture, SpeechWorker, long> step, long nowMs)
    {
        try
        {
            step(capture, this, nowMs);
        }
        catch (Exception exception)
        {
            _logger.SpeechFaulted(exception);
            capture.Fault();
        }
    }
}
