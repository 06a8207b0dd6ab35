using System.Runtime.InteropServices;

namespace FastGate.Memory.Journal;

/// <summary>What became of an entry that was offered to the journal.</summary>
internal enum JournalAdmission
{
    Accepted,

    /// <summary>The journal is full or closed.</summary>
    Refused,

    /// <summary>The device was erased after the turn began, so the exchange is part of what was erased.</summary>
    Erased,
}

/// <summary>
/// The entries that are accepted and not yet durable: one bounded queue, and the same exchanges by device, so that a device that reconnects
/// at once finds what it has just said. Any thread adds; only the writer takes and settles. Nothing slow runs under the lock. When full,
/// the newest entry is refused, because an accepted one must not be lost.
/// </summary>
internal sealed class MemoryJournal(MemoryLimits limits, TimeProvider time)
{
    // Entries settled under one hold of the lock; a whole batch would delay appends for too long.
    private const int SettleChunk = 256;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _queue = new();
    private readonly Dictionary<string, PendingDevice> _devices = new(StringComparer.Ordinal);
    private readonly ErasureLog _erasures = new(limits.Erasures);
    private int _pending;
    private long _bytes;
    private bool _closed;
    private Exception? _abandoned;

    // The last entry added, and the last one that a flush waits for; null once settled.
    private JournalEntry? _newest;
    private JournalEntry? _flushTo;

    public int Pending => Volatile.Read(ref _pending);

    public long PendingBytes => Volatile.Read(ref _bytes);

    /// <summary>Erasures so far; any thread.</summary>
    public long Erasures => _erasures.Number;

    public bool ErasedSince(string deviceId, long erasures)
    {
        // Usually there was no erasure at all; then a turn does not take the lock.
        if (_erasures.Number == erasures)
        {
            return false;
        }

        lock (_gate)
        {
            return _erasures.ErasedSince(deviceId, erasures);
        }
    }

    /// <summary>Counts an erasure when there is no store, for conversations that hold content of the device.</summary>
    public void NoteErasure(string deviceId)
    {
        lock (_gate)
        {
            _erasures.Add(deviceId);
        }
    }

    /// <summary>
    /// Counts erasures that another server has made: what is pending of the devices, <paramref name="taken"/> by the writer included, began before this
    /// server knew of them and is dropped.
    /// </summary>
    public void NoteErasures(IReadOnlyList<string> deviceIds, ReadOnlySpan<JournalEntry> taken)
    {
        var erased = deviceIds.ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            foreach (string deviceId in erased)
            {
                _erasures.Add(deviceId);
                if (_devices.TryGetValue(deviceId, out PendingDevice? device))
                {
                    _bytes -= device.Clear().Bytes;
                }
            }

            foreach (JournalEntry entry in taken)
            {
                if (entry.Exchange is not null && erased.Contains(entry.DeviceId))
                {
                    _bytes -= entry.Bytes;
                    entry.Drop();
                }
            }
        }
    }

    /// <summary>Adds an entry at the end; <paramref name="wake"/> when the writer is to be woken.</summary>
    public JournalAdmission Add(JournalEntry entry, out bool wake)
    {
        bool isExchange = entry.Kind == JournalEntryKind.Exchange;
        int limit = isExchange ? limits.Pending : limits.Pending + limits.PendingExtra;
        lock (_gate)
        {
            wake = false;
            if (_closed || _pending >= limit || (entry.Kind != JournalEntryKind.Erasure && _bytes + entry.Bytes > limits.PendingBytes))
            {
                return JournalAdmission.Refused;
            }

            // Checked under the same lock as adding: an exchange from before an erasure must not be queued behind it.
            if (isExchange && _erasures.ErasedSince(entry.DeviceId, entry.Erasures))
            {
                return JournalAdmission.Erased;
            }

            entry.AcceptedAt = time.GetTimestamp();
            if (isExchange)
            {
                Device(entry.DeviceId).Add(entry);
            }
            else if (entry.Kind == JournalEntryKind.Erasure)
            {
                PendingDevice device = Device(entry.DeviceId);
                (long bytes, entry.Dropped) = device.Clear();
                _bytes -= bytes;
                device.Erasures++;
                _erasures.Add(entry.DeviceId);
            }

            _queue.Enqueue(entry);
            _newest = entry;
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

    /// <summary>Settles entries that the writer took: they are durable or given up.</summary>
    public void Settle(ReadOnlySpan<JournalEntry> entries)
    {
        while (!entries.IsEmpty)
        {
            ReadOnlySpan<JournalEntry> chunk = entries[..Math.Min(SettleChunk, entries.Length)];
            entries = entries[chunk.Length..];
            lock (_gate)
            {
                foreach (JournalEntry entry in chunk)
                {
                    SettleCore(entry);
                }
            }
        }
    }

    /// <summary>Milliseconds until the writer should look: 0 for now, null when nothing waits.</summary>
    public int? DueIn()
    {
        lock (_gate)
        {
            if (!_queue.TryPeek(out JournalEntry? oldest))
            {
                return null;
            }

            if (_flushTo is not null || _queue.Count >= limits.Batch || _closed)
            {
                return 0;
            }

            TimeSpan left = limits.GroupWindow - time.GetElapsedTime(oldest.AcceptedAt);
            return Math.Max(0, (int)Math.Ceiling(left.TotalMilliseconds));
        }
    }

    /// <summary>The last pending exchanges of a device, oldest first, and whether the content of the store already counts as erased.</summary>
    public (bool Erasing, StoredExchange[] Exchanges) Snapshot(string deviceId, int maxExchanges)
    {
        lock (_gate)
        {
            return _devices.TryGetValue(deviceId, out PendingDevice? device) ? (device.Erasures > 0, device.Last(maxExchanges)) : (false, []);
        }
    }

    /// <summary>Makes what is pending due when some of it is of the device; false when there is none.</summary>
    public bool Hasten(string deviceId)
    {
        lock (_gate)
        {
            if (!_devices.ContainsKey(deviceId))
            {
                return false;
            }

            _flushTo = _newest;
            return true;
        }
    }

    /// <summary>Completes once everything accepted so far is settled.</summary>
    public Task WhenSettled()
    {
        lock (_gate)
        {
            if (_newest is null)
            {
                return Task.CompletedTask;
            }

            if (_abandoned is not null)
            {
                return Task.FromException(_abandoned);
            }

            _flushTo = _newest;
            return _newest.WhenDone();
        }
    }

    /// <summary>From now on every entry is refused.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>The writer has ended: fails all callers that wait for an entry, those of <paramref name="taken"/> included.</summary>
    public void Abandon(Exception reason, IEnumerable<JournalEntry> taken)
    {
        lock (_gate)
        {
            _closed = true;
            _abandoned = reason;
            foreach (JournalEntry entry in taken.Concat(_queue))
            {
                entry.Done?.TrySetException(reason);
            }
        }
    }

    private PendingDevice Device(string deviceId)
    {
        ref PendingDevice? device = ref CollectionsMarshal.GetValueRefOrAddDefault(_devices, deviceId, out _);
        return device ??= new PendingDevice();
    }

    private void SettleCore(JournalEntry entry)
    {
        _pending--;
        _bytes -= entry.Bytes;
        _newest = _newest == entry ? null : _newest;
        _flushTo = _flushTo == entry ? null : _flushTo;
        if (_devices.TryGetValue(entry.DeviceId, out PendingDevice? device))
        {
            if (entry.Kind == JournalEntryKind.Erasure)
            {
                device.Erasures--;
            }
            else
            {
                device.Remove(entry);
            }

            if (device.IsEmpty)
            {
                _devices.Remove(entry.DeviceId);
            }
        }

        entry.Done?.TrySetResult(entry.Result);
    }
}
