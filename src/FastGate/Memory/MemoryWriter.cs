using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory.Journal;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory;

/// <summary>
/// The memory room's door. Turns are accepted at once and written behind the conversation, in groups, by the thread
/// <c>fastgate-memory</c>; reads run on a thread of their own and see what is accepted, written or not. A store in trouble never
/// reaches the conversation: saves wait in the bounded journal and are tried again. Any thread may call; nothing here waits for a disk.
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
        _journal = new MemoryJournal(limits);
        _reader = new StoreReaderThread(store, limits.Reads);
        _ids = new ExchangeIds(time);
        _health = new MemoryHealthTracker(logger, metrics);
        _thread = new Thread(Run) { Name = "fastgate-memory", IsBackground = true };
        metrics.Observe(() => _journal.Pending, () => _journal.PendingBytes, () => _reader.Waiting, () => Health.Degraded);
    }

    /// <summary>False with <c>Memory:Provider=none</c>: nothing is kept and nothing is asked.</summary>
    public bool Enabled => _store.Keeps;

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
    /// Opens the store and starts both threads; once, before the device door opens. The first attempt is made here so that ids grow
    /// from what is kept; when it fails the gateway starts all the same and the writer goes on trying.
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

    /// <summary>What may change while the gateway runs; a changed retention is looked at at once. Any thread.</summary>
    public void Apply(MemoryOptions options)
    {
        if (Interlocked.Exchange(ref _retentionDays, options.RetentionDays) != options.RetentionDays)
        {
            Volatile.Write(ref _retentionChanged, true);
            Hurry();
        }
    }

    /// <summary>The id of the next turn: unique, and greater than all before it.</summary>
    public long NextId() => _ids.Next();

    /// <summary>Erasures so far, of whatever device; what was said or read is as old as the number at that moment.</summary>
    public long Erasures => _journal.Erasures;

    /// <summary>Whether the device was erased after that moment.</summary>
    public bool ErasedSince(string deviceId, long erasures) => _journal.ErasedSince(deviceId, erasures);

    /// <summary>Accepts a turn that is said at this moment (<see cref="Append"/>).</summary>
    public bool TryAppend(StoredExchange turn) => Append(turn, Erasures) == JournalAdmission.Accepted;

    /// <summary>
    /// Accepts a finished turn that began at <paramref name="erasures"/>; never waits. Refused, counted and told once per burst, when there
    /// is no room or the gateway has stopped.
    /// </summary>
    public JournalAdmission Append(StoredExchange turn, long erasures)
    {
        if (!Enabled)
        {
            return ErasedSince(turn.DeviceId, erasures) ? JournalAdmission.Erased : JournalAdmission.Accepted;
        }

        JournalAdmission admission = _journal.Add(JournalEntry.ForTurn(turn, erasures), Environment.TickCount64, out bool wake);
        if (admission == JournalAdmission.Refused)
        {
            Refused();
        }

        if (admission != JournalAdmission.Accepted)
        {
            return admission;
        }

        if (wake)
        {
            _wake.Set();
        }

        if (Volatile.Read(ref _refusing) != 0)
        {
            Accepted();
        }

        return JournalAdmission.Accepted;
    }

    /// <summary>
    /// Forgets a device: at once for every read and every conversation, in the store in order with its other turns; turns that begin afterwards
    /// stay. Completes when the store has forgotten, with the number of turns it held; giving up the wait does not take the erasure back.
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

    /// <summary>Keeps a summary in order with the turns; false when another took its place or its turns were erased meanwhile.</summary>
    public async ValueTask<bool> SaveSummaryAsync(string deviceId, StoredSummary summary, long previousCoversTo, CancellationToken cancellationToken) =>
        Enabled && await Enqueue(JournalEntry.ForSummary(deviceId, summary, previousCoversTo), cancellationToken) != 0;

    /// <summary>Completes when everything accepted before the call is durable. While the store is in trouble that may be never: give it a token.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!Enabled)
        {
            return Task.CompletedTask;
        }

        Task settled = _journal.WhenSettled();
        Hurry();
        return settled.WaitAsync(cancellationToken);
    }

    /// <summary>Accepts nothing more, saves what it can within <see cref="MemoryLimits.StopWait"/>, and says what it could not.</summary>
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
            Hurry();

            // A thread that hangs in the disk is left behind; it is a background thread and keeps nothing alive.
            await Task.WhenAny(_ended.Task, Task.Delay(_limits.StopWait + TimeSpan.FromSeconds(1)));
        }

        if (_journal.Pending > 0)
        {
            _logger.MemoryStoppedUnsaved(_journal.Pending);
        }
    }

    private Task<int> Enqueue(JournalEntry entry, CancellationToken cancellationToken)
    {
        if (_journal.Add(entry, Environment.TickCount64, out bool wake) != JournalAdmission.Accepted)
        {
            return Task.FromException<int>(new MemoryStoreException(MemoryFailure.Full, "too much waits for the store"));
        }

        if (wake)
        {
            _wake.Set();
        }

        return entry.Done!.Task.WaitAsync(cancellationToken);
    }

    private void Hurry()
    {
        Volatile.Write(ref _hurry, true);
        _wake.Set();
    }

    private void Refused()
    {
        Interlocked.Increment(ref _refused);
        Interlocked.Increment(ref _refusedInBurst);
        _metrics.Refused();
        if (Interlocked.Exchange(ref _refusing, 1) == 0)
        {
            _logger.MemoryRefusing(_journal.Pending, _journal.PendingBytes);
        }
    }

    // The burst is over once half the room is free again, not at the first free place: otherwise every commit would end and begin one.
    private void Accepted()
    {
        if (_journal.Pending <= _limits.Pending / 2 && _journal.PendingBytes <= _limits.PendingBytes / 2 && Interlocked.Exchange(ref _refusing, 0) != 0)
        {
            _logger.MemoryAccepting(Interlocked.Exchange(ref _refusedInBurst, 0));
        }
    }
}
