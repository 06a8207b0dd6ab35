namespace FastGate.Memory.Journal;

/// <summary>
/// What has been accepted and is not yet durable: one bounded order of entries, and beside it the same turns by device, so that a
/// device that comes back at once finds what it just said. Any thread adds; only the writer takes and settles. Nothing slow ever
/// happens under the lock. At the bound the newest is refused, because what was accepted must not be lost.
/// </summary>
internal sealed class MemoryJournal(MemoryLimits limits)
{
    // Settling a whole batch under one hold would keep an append waiting for as long as the batch is large.
    private const int SettleStretch = 256;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _queue = new();
    private readonly Dictionary<string, PendingDevice> _devices = new(StringComparer.Ordinal);
    private readonly ErasureLog _erasures = new(limits.Erasures);
    private readonly List<(long Target, TaskCompletionSource Source)> _flushes = [];
    private int _pending;
    private long _bytes;
    private long _accepted;
    private long _settled;
    private bool _closed;
    private Exception? _abandoned;

    public int Pending => Volatile.Read(ref _pending);

    public long PendingBytes => Volatile.Read(ref _bytes);

    /// <summary>Erasures so far; any thread.</summary>
    public long Erasures => _erasures.Number;

    public bool ErasedSince(string deviceId, long erasures)
    {
        // Nearly always nobody was erased at all, and a turn should not take the lock to learn that.
        if (_erasures.Number == erasures)
        {
            return false;
        }

        lock (_gate)
        {
            return _erasures.ErasedSince(deviceId, erasures);
        }
    }

    /// <summary>An erasure where nothing is kept, for those who hold something of the device in their own memory.</summary>
    public void NoteErasure(string deviceId)
    {
        lock (_gate)
        {
            _erasures.Add(deviceId);
        }
    }

    /// <summary>Adds an entry at the end. <paramref name="wake"/> when the writer has reason to look.</summary>
    public JournalAdmission Add(JournalEntry entry, long nowMs, out bool wake)
    {
        bool isTurn = entry.Kind == JournalEntryKind.Turn;
        int limit = isTurn ? limits.Pending : limits.Pending + limits.PendingExtra;
        lock (_gate)
        {
            wake = false;
            if (_closed || _pending >= limit || (entry.Kind != JournalEntryKind.Erasure && _bytes + entry.Bytes > limits.PendingBytes))
            {
                return JournalAdmission.Refused;
            }

            // Looked at in one step with the adding: nothing of before an erasure may come in behind it.
            if (isTurn && _erasures.ErasedSince(entry.DeviceId, entry.Erasures))
            {
                return JournalAdmission.Erased;
            }

            entry.AcceptedAtMs = nowMs;
            if (isTurn)
            {
                Device(entry.DeviceId).Add(entry);
            }
            else if (entry.Kind == JournalEntryKind.Erasure)
            {
                PendingDevice device = Device(entry.DeviceId);
                _bytes -= device.Clear();
                device.Erasures++;
                _erasures.Add(entry.DeviceId);
            }

            _queue.Enqueue(entry);
            _accepted++;
            _pending++;
            _bytes += entry.Bytes;
            wake = _queue.Count == 1 || _queue.Count == limits.Batch;
            return JournalAdmission.Accepted;
        }
    }

    /// <summary>Takes the oldest entries for the writer; they stay pending until they are settled.</summary>
    public void Take(List<JournalEntry> batch, int max)
    {
        lock (_gate)
        {
            while (batch.Count < max && _queue.TryDequeue(out JournalEntry? entry))
            {
                entry.InFlight = true;
                batch.Add(entry);
            }
        }
    }

    /// <summary>Entries the writer took are durable, or given up.</summary>
    public void Settle(ReadOnlySpan<JournalEntry> entries)
    {
        while (!entries.IsEmpty)
        {
            ReadOnlySpan<JournalEntry> stretch = entries[..Math.Min(SettleStretch, entries.Length)];
            entries = entries[stretch.Length..];
            lock (_gate)
            {
                foreach (JournalEntry entry in stretch)
                {
                    SettleCore(entry);
                }
            }
        }
    }

    /// <summary>When the writer should next look: 0 now, null when nothing waits.</summary>
    public int? DueIn(long nowMs)
    {
        lock (_gate)
        {
            if (!_queue.TryPeek(out JournalEntry? oldest))
            {
                return null;
            }

            if (_flushes.Count > 0 || _queue.Count >= limits.Batch || _closed)
            {
                return 0;
            }

            long age = nowMs - oldest.AcceptedAtMs;
            return (int)Math.Max(0, (long)limits.GroupWindow.TotalMilliseconds - age);
        }
    }

    /// <summary>The last turns of a device that are not yet durable, oldest first, and whether what the store holds of it is already forgotten.</summary>
    public (bool Erasing, StoredExchange[] Turns) Snapshot(string deviceId, int maxTurns)
    {
        lock (_gate)
        {
            return _devices.TryGetValue(deviceId, out PendingDevice? device) ? (device.Erasures > 0, device.Last(maxTurns)) : (false, []);
        }
    }

    /// <summary>Completes once everything accepted until now is settled.</summary>
    public Task WhenSettled()
    {
        lock (_gate)
        {
            if (_settled == _accepted)
            {
                return Task.CompletedTask;
            }

            if (_abandoned is not null)
            {
                return Task.FromException(_abandoned);
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((_accepted, source));
            return source.Task;
        }
    }

    /// <summary>Nothing is accepted any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>The writer has ended: whoever still waits must not wait for ever.</summary>
    public void Abandon(Exception reason)
    {
        lock (_gate)
        {
            _closed = true;
            _abandoned = reason;
            foreach ((_, TaskCompletionSource source) in _flushes)
            {
                source.TrySetException(reason);
            }

            _flushes.Clear();
            foreach (JournalEntry entry in _queue)
            {
                entry.Done?.TrySetException(reason);
            }
        }
    }

    private PendingDevice Device(string deviceId)
    {
        if (!_devices.TryGetValue(deviceId, out PendingDevice? device))
        {
            device = new PendingDevice();
            _devices.Add(deviceId, device);
        }

        return device;
    }

    private void SettleCore(JournalEntry entry)
    {
        _pending--;
        _bytes -= entry.Bytes;
        _settled++;
        if ((entry.Overlaid || entry.Kind == JournalEntryKind.Erasure) && _devices.TryGetValue(entry.DeviceId, out PendingDevice? device))
        {
            if (entry.Overlaid)
            {
                device.RemoveFirst();
            }
            else
            {
                device.Erasures--;
            }

            if (device.IsEmpty)
            {
                _devices.Remove(entry.DeviceId);
            }
        }

        // Waiters stand in the order of their targets.
        int reached = 0;
        while (reached < _flushes.Count && _flushes[reached].Target <= _settled)
        {
            _flushes[reached++].Source.TrySetResult();
        }

        if (reached > 0)
        {
            _flushes.RemoveRange(0, reached);
        }
    }
}
