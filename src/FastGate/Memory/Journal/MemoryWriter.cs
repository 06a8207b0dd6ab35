using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Journal;

/// <summary>
/// Remembers what devices and the gateway said. Exchanges are accepted at once and written in groups by the thread
/// <c>fastgate-memory</c>; reads run on another thread and see every accepted exchange, written or not. A failing store does not affect
/// conversations: saves wait in the bounded journal and are retried. Any thread may call; no call waits for the disk.
/// </summary>
internal sealed partial class MemoryWriter : IAsyncDisposable
{
    private readonly IMemoryStore _store;
    private readonly MemoryLimits _limits;
    private readonly MemoryMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly MemoryJournal _journal;
    private readonly StoreReaderThread _reader;
    private readonly ExchangeIds _ids;
    private readonly MemoryHealthTracker _health;

    private long _refused;
    private long _refusedInBurst;
    private int _refusing;
    private int _disposed;

    public MemoryWriter(
        IMemoryStore store, MemoryOptions options, MemoryLimits limits, MemoryMetrics metrics, ILogger<MemoryWriter> logger, TimeProvider time)
    {
        _store = store;
        _limits = limits;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        Volatile.Write(ref _retentionDays, options.RetentionDays);
        _journal = new MemoryJournal(limits, time);
        _reader = new StoreReaderThread(store, limits.Reads);
        _ids = new ExchangeIds(time);
        _retentionClock = new RetentionClock(time, limits.RetentionInterval);
        _health = new MemoryHealthTracker(logger, metrics);
        _thread = new Thread(Run) { Name = "fastgate-memory", IsBackground = true };
        metrics.Observe(() => _journal.Pending, () => _journal.PendingBytes, () => _reader.Waiting, () => Health.Degraded);
    }

    /// <summary>False with <c>Memory:Provider=none</c>: nothing is stored or read.</summary>
    public bool Enabled => _store.IsEnabled;

    /// <summary>Whether other servers write to the store as well.</summary>
    public bool IsShared => _store.CheckInterval != Timeout.InfiniteTimeSpan;

    public MemoryHealth Health => _health.Current;

    public MemoryStatus Status
    {
        get
        {
            MemoryHealth health = Health;
            (int pending, long bytes, int loads) = (_journal.Pending, _journal.PendingBytes, _reader.Waiting);
            double saturation = Math.Max((double)pending / _limits.Pending, Math.Max((double)bytes / _limits.PendingBytes, (double)loads / _limits.Reads));
            return new MemoryStatus(
                Enabled, Enabled ? 2 : 0, pending, _limits.Pending, bytes, _limits.PendingBytes,
                Volatile.Read(ref _stored), Volatile.Read(ref _refused) + Volatile.Read(ref _rejected), Volatile.Read(ref _commits),
                Volatile.Read(ref _lastCommitMs), loads, _limits.Reads, Math.Min(1, saturation), health.Degraded, health.Reason);
        }
    }

    /// <summary>
    /// Opens the store and starts both threads; called once, before devices connect. The first attempt to open runs on the caller so that
    /// ids continue after the stored ones; when it fails, the gateway starts anyway and the writer retries.
    /// </summary>
    public void Start()
    {
        if (!Enabled)
        {
            return;
        }

        Step();
        _thread.Start();
        _reader.Start();
    }

    public int RetentionDays => Volatile.Read(ref _retentionDays);

    /// <summary>Applies the options that may change while the gateway runs; a changed retention takes effect at once. Any thread.</summary>
    public void Apply(MemoryOptions options)
    {
        if (Interlocked.Exchange(ref _retentionDays, options.RetentionDays) != options.RetentionDays)
        {
            Volatile.Write(ref _retentionChanged, true);
            WakeNow();
        }
    }

    /// <summary>The id of the next exchange: unique, and greater than all before it.</summary>
    public long NextId() => _ids.Next();

    /// <summary>The number of erasures so far, of all devices. A turn notes it at its start, a conversation when it reads its history.</summary>
    public long Erasures => _journal.Erasures;

    /// <summary>Whether the device was erased after the number of erasures was <paramref name="erasures"/>.</summary>
    public bool ErasedSince(string deviceId, long erasures) => _journal.ErasedSince(deviceId, erasures);

    /// <summary>Accepts an exchange whose turn began now (<see cref="Append"/>).</summary>
    public bool TryAppend(StoredExchange exchange) => Append(exchange, Erasures) == JournalAdmission.Accepted;

    /// <summary>
    /// Accepts the exchange of a turn that began when there were <paramref name="erasures"/> erasures; never waits. When the journal is full or
    /// closed the exchange is refused and counted, with one log line per burst.
    /// </summary>
    public JournalAdmission Append(StoredExchange exchange, long erasures)
    {
        if (!Enabled)
        {
            return ErasedSince(exchange.DeviceId, erasures) ? JournalAdmission.Erased : JournalAdmission.Accepted;
        }

        JournalAdmission admission = Add(JournalEntry.ForExchange(exchange, erasures));
        if (admission == JournalAdmission.Refused)
        {
            NoteRefused();
        }
        else if (admission == JournalAdmission.Accepted && Volatile.Read(ref _refusing) != 0)
        {
            NoteAccepted();
        }

        return admission;
    }

    /// <summary>
    /// Erases a device: at once for every read and conversation, and in the store in order with its other entries; turns that begin afterwards
    /// are kept. Completes when the store has erased it, with the number of exchanges that it held or that waited to be written.
    /// Cancellation ends only the wait.
    /// </summary>
    public Task<int> EraseAsync(string deviceId, CancellationToken cancellationToken)
    {
        if (Enabled)
        {
            return Enqueue(JournalEntry.ForErasure(deviceId), cancellationToken);
        }

        _journal.NoteErasure(deviceId);
        return Task.FromResult(0);
    }

    /// <summary>Saves a summary in order with the exchanges; false when it was replaced or its exchanges were erased meanwhile.</summary>
    public async ValueTask<bool> SaveSummaryAsync(string deviceId, StoredSummary summary, long previousCoversTo, CancellationToken cancellationToken) =>
        Enabled && await Enqueue(JournalEntry.ForSummary(deviceId, summary, previousCoversTo), cancellationToken) != 0;

    /// <summary>Completes when everything accepted before the call is durable. While the store fails that may never happen: pass a token.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!Enabled)
        {
            return Task.CompletedTask;
        }

        Task settled = _journal.WhenSettled();
        WakeNow();
        return settled.WaitAsync(cancellationToken);
    }

    /// <summary>The device has left and may be at another server soon, which reads the store: what waits of it is saved without waiting for a group.</summary>
    public void SaveSoon(string deviceId)
    {
        if (IsShared && _journal.Hasten(deviceId))
        {
            _wake.Set();
        }
    }

    /// <summary>Stops accepting, saves what it can within <see cref="MemoryLimits.StopWait"/> and logs how much it could not save.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _journal.Close();
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            _store.Dispose();
        }
        else
        {
            _stopBy = Environment.TickCount64 + (long)_limits.StopWait.TotalMilliseconds;
            Volatile.Write(ref _stopping, true);
            WakeNow();

            // A thread that hangs in disk I/O is abandoned; as a background thread it does not keep the process alive.
            await Task.WhenAny(_ended.Task, Task.Delay(_limits.StopWait + TimeSpan.FromSeconds(1)));
        }

        if (_journal.Pending > 0)
        {
            _logger.MemoryStoppedUnsaved(_journal.Pending);
        }
    }

    private Task<int> Enqueue(JournalEntry entry, CancellationToken cancellationToken)
    {
        Task<int> done = entry.WhenDone();
        return Add(entry) == JournalAdmission.Accepted
            ? done.WaitAsync(cancellationToken)
            : Task.FromException<int>(new MemoryStoreException(MemoryFailure.Full, "too many entries are waiting for the store"));
    }

    private JournalAdmission Add(JournalEntry entry)
    {
        JournalAdmission admission = _journal.Add(entry, out bool wake);
        if (wake)
        {
            _wake.Set();
        }

        return admission;
    }

    private void WakeNow()
    {
        Volatile.Write(ref _wakeNow, true);
        _wake.Set();
    }

    private void NoteRefused()
    {
        Interlocked.Increment(ref _refused);
        Interlocked.Increment(ref _refusedInBurst);
        _metrics.Refused();
        if (Interlocked.Exchange(ref _refusing, 1) == 0)
        {
            _logger.MemoryRefusing(_journal.Pending, _journal.PendingBytes);
        }
    }

    // A burst ends once half of the capacity is free: at the first free place, every commit would end one burst and start another.
    private void NoteAccepted()
    {
        if (_journal.Pending <= _limits.Pending / 2 && _journal.PendingBytes <= _limits.PendingBytes / 2 && Interlocked.Exchange(ref _refusing, 0) != 0)
        {
            _logger.MemoryAccepting(Interlocked.Exchange(ref _refusedInBurst, 0));
        }
    }
}
