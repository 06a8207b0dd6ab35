using System.Threading.Channels;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory.Journal;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Summaries;

/// <summary>
/// Keeps the summary of each device up to date: after a number of exchanges and when the device disconnects. Each device has at most one
/// summary in progress; requests made meanwhile are merged into one more run. A failure changes nothing: the exchanges are summarized
/// at the device's next request.
/// </summary>
internal sealed class MemorySummarizer : IAsyncDisposable
{
    // A summary costs seconds of an LLM; more at once would take the providers away from conversations.
    private const int Concurrency = 4;

    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(2);

    private readonly MemoryWriter _memory;
    private readonly SummaryUpdater _updater;
    private readonly MemoryMetrics _metrics;
    private readonly ILogger _logger;
    private readonly MemoryLimits _limits;
    private readonly Channel<string> _queue;
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;
    private int _inFlight;
    private int _every;
    private int _disposed;

    // The states of the devices and the flag belong to the lock.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeviceState> _devices = new(StringComparer.Ordinal);
    private bool _postponing;

    public MemorySummarizer(
        MemoryWriter memory,
        ISummaryModel model,
        MemoryOptions options,
        MemoryLimits limits,
        MemoryMetrics metrics,
        ILogger<MemorySummarizer> logger,
        TimeProvider time)
    {
        _memory = memory;
        _updater = new SummaryUpdater(memory, model, metrics, time);
        _metrics = metrics;
        _logger = logger;
        _limits = limits;
        _queue = Channel.CreateBounded<string>(limits.Summaries);
        Apply(options);
        metrics.ObserveSummaries(() => Waiting);
    }

    /// <summary>Devices waiting for a summary.</summary>
    public int Waiting => _queue.Reader.Count;

    public SummaryStatus Status
    {
        get
        {
            int inFlight = Volatile.Read(ref _inFlight);
            return new SummaryStatus(Concurrency, Waiting, _limits.Summaries, inFlight, (double)inFlight / Concurrency, Devices);
        }
    }

    /// <summary>Devices with a state: connected with exchanges since their last summary, or with a summary requested.</summary>
    public int Devices
    {
        get
        {
            lock (_gate)
            {
                return _devices.Count;
            }
        }
    }

    public void Start()
    {
        if (_memory.Enabled)
        {
            _loops = Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => Task.Run(RunAsync)));
        }
    }

    /// <summary>Applies the options that may change while the gateway runs. Any thread.</summary>
    public void Apply(MemoryOptions options) => Volatile.Write(ref _every, Math.Max(1, options.SummarizeEvery));

    public int SummarizeEvery => Volatile.Read(ref _every);

    /// <summary>An exchange of the device was accepted. Any thread; never waits.</summary>
    public void NoteExchange(string deviceId)
    {
        if (!_memory.Enabled)
        {
            return;
        }

        lock (_gate)
        {
            if (!_devices.TryGetValue(deviceId, out DeviceState? state))
            {
                // The number of connections normally bounds this; the limit is a safety net.
                if (_devices.Count >= _limits.SummaryDevices)
                {
                    return;
                }

                state = new DeviceState();
                _devices.Add(deviceId, state);
            }

            state.Disconnected = false;
            if (++state.Exchanges >= Volatile.Read(ref _every))
            {
                Request(deviceId, state);
            }
        }
    }

    /// <summary>The device has disconnected. Any thread; never waits. Without exchanges since its last summary it needs none.</summary>
    public void NoteDisconnect(string deviceId)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(deviceId, out DeviceState? state))
            {
                return;
            }

            state.Disconnected = true;
            if (state.Exchanges > 0)
            {
                Request(deviceId, state);
            }

            RemoveIfIdle(deviceId, state);
        }
    }

    /// <summary>Cancels the summaries in progress and drops the waiting ones; their exchanges stay stored for a later summary.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        _queue.Writer.TryComplete();
        await Task.WhenAny(_loops, Task.Delay(s_stopTimeout));
    }

    private void Request(string deviceId, DeviceState state)
    {
        if (state.Requested)
        {
            state.RequestedAgain = true;
            state.Exchanges = 0;
        }
        else if (_queue.Writer.TryWrite(deviceId))
        {
            state.Requested = true;
            state.Exchanges = 0;
            _postponing = false;
        }
        else
        {
            _metrics.Summary("postponed");
            if (!_postponing && !_stop.IsCancellationRequested)
            {
                _postponing = true;
                _logger.SummariesPostponed(Waiting);
            }
        }
    }

    private void RemoveIfIdle(string deviceId, DeviceState state)
    {
        if (state.Disconnected && !state.Requested)
        {
            _devices.Remove(deviceId);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                string deviceId = await _queue.Reader.ReadAsync(_stop.Token);
                Interlocked.Increment(ref _inFlight);
                await SummarizeAsync(deviceId);
                Interlocked.Decrement(ref _inFlight);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping. A summary is saved as a whole or not at all, so nothing is left half done.
        }
    }

    private async Task SummarizeAsync(string deviceId)
    {
        bool again;
        do
        {
            lock (_gate)
            {
                // A request from now on may be about exchanges that the reads below miss.
                _devices[deviceId].RequestedAgain = false;
            }

            try
            {
                while (await _updater.UpdateAsync(deviceId, _stop.Token))
                {
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception exception)
            {
                _metrics.Summary("failed");
                _logger.SummaryFailed(deviceId, exception.Message);
            }

            lock (_gate)
            {
                DeviceState state = _devices[deviceId];
                again = state.Requested = state.RequestedAgain;
                RemoveIfIdle(deviceId, state);
            }
        }
        while (again);
    }

    /// <summary>Progress of one device, changed only under the lock.</summary>
    private sealed class DeviceState
    {
        /// <summary>Exchanges since the last request for a summary.</summary>
        public int Exchanges { get; set; }

        /// <summary>In the queue or in progress.</summary>
        public bool Requested { get; set; }

        /// <summary>Requested again while in progress.</summary>
        public bool RequestedAgain { get; set; }

        public bool Disconnected { get; set; }
    }
}
