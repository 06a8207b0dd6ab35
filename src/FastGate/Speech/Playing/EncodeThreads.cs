using System.Collections.Concurrent;

namespace FastGate.Speech.Playing;

/// <summary>
/// The threads that encode the sound of all devices: on the shared pool a frame would wait behind whatever else runs there. They take turns
/// between the devices, a few frames each, and are started by the first device that speaks.
/// </summary>
/// <remarks>A device has at most one piece here, and adds the next when that is encoded: this keeps its order, whichever thread takes the piece.</remarks>
internal sealed class EncodeThreads : IDisposable
{
    /// <summary>Pieces that wait or are being encoded. At the bound the synthesisers wait.</summary>
    public const int MaxPieces = 1_024;

    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<SoundEncoder> _pieces = [];
    private readonly SemaphoreSlim _room = new(MaxPieces);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Thread[]> _threads;

    /// <param name="count">Number of threads; 0 is one for two cores.</param>
    public EncodeThreads(int count)
    {
        count = count > 0 ? count : Math.Max(1, Environment.ProcessorCount / 2);
        _threads = new Lazy<Thread[]>(() => [.. Enumerable.Range(0, count).Select(Start)]);
    }

    /// <summary>Pieces that wait or are being encoded.</summary>
    public int Pieces => MaxPieces - _room.CurrentCount;

    /// <summary>Encodes the piece that the encoder holds.</summary>
    public async ValueTask RunAsync(SoundEncoder encoder, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
        _ = _threads.Value;
        await _room.WaitAsync(cancellationToken);
        try
        {
            ValueTask encoded = encoder.Begin();
            _pieces.Add(encoder, CancellationToken.None);
            await encoded;
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (Thread thread in _threads.IsValueCreated ? _threads.Value : [])
        {
            thread.Join(s_joinLimit);
        }

        while (_pieces.TryTake(out SoundEncoder? encoder))
        {
            encoder.End(new ObjectDisposedException(nameof(EncodeThreads)));
        }
    }

    private Thread Start(int number)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"fastgate-encode-{number}" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        ThreadNiceness.Lower();
        while (!_stop.IsCancellationRequested)
        {
            SoundEncoder encoder;
            try
            {
                encoder = _pieces.Take(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                if (encoder.Step())
                {
                    encoder.End(null);
                }
                else
                {
                    _pieces.Add(encoder, CancellationToken.None);
                }
            }
            catch (Exception exception)
            {
                // The failure ends the sound of this device only; the thread continues with the others.
                encoder.End(exception);
            }
        }
    }
}
