using FastGate.Diagnostics;
using FastGate.Speech.Codec;
using Microsoft.Extensions.Logging;

namespace FastGate.Speech.Hearing;

/// <summary>The speech workers, one for two cores. They are started by the first device that listens.</summary>
internal sealed class SpeechWorkers(Func<IOpusDecoder> createDecoder, Func<IVoiceDetector> createDetector, ILogger logger) : IDisposable
{
    private readonly int _count = Math.Max(1, Environment.ProcessorCount / 2);
    private readonly Lock _lock = new();
    private SpeechWorker[]? _workers;
    private int _next;
    private int _logged;
    private bool _disposed;

    /// <summary>Gives a capture to the next worker in turn, which keeps it. False after <see cref="Dispose"/>.</summary>
    public bool TryAdd(Capture capture)
    {
        SpeechWorker[]? workers = Volatile.Read(ref _workers) ?? Start();
        if (workers is null)
        {
            return false;
        }

        workers[(uint)Interlocked.Increment(ref _next) % workers.Length].Add(capture);
        return true;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (SpeechWorker worker in _workers ?? [])
            {
                worker.Dispose();
            }

            _workers = null;
        }
    }

    /// <summary>For the first sound of a worker: until then no library is loaded.</summary>
    private IVoiceDetector CreateDetector()
    {
        if (Interlocked.Exchange(ref _logged, 1) == 0)
        {
            logger.OpusChosen(OpusCodec.Best.Name);
        }

        return createDetector();
    }

    private SpeechWorker[]? Start()
    {
        lock (_lock)
        {
            if (_workers is null && !_disposed)
            {
                Volatile.Write(ref _workers, [.. Enumerable.Range(0, _count).Select(number => new SpeechWorker(number, createDecoder, CreateDetector, logger))]);
            }

            return _workers;
        }
    }
}
