using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Fleet;

/// <summary>
/// Saves the kinds of devices in batches, some time after they were reported, because a fleet that starts reports many at once. At the bound a kind is not
/// saved and is counted; its profile still has it. Any thread adds; a batch is written on the pool, one at a time.
/// </summary>
internal sealed class DeviceKindWriter : IDisposable
{
    public const int Capacity = DeviceProfiles.Capacity;

    /// <summary>A batch holds the write lock of the database, for which the memory then waits.</summary>
    private const int Batch = 1_000;

    private static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(30);

    private readonly IFleetStore _store;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _saving = new();
    private readonly Lock _lock = new();

    // Guarded by _lock, which may be taken while _saving is held.
    private readonly Dictionary<string, DeviceKind> _waiting = new(StringComparer.Ordinal);
    private bool _isArmed;
    private bool _isFailing;
    private bool _isEnded;
    private long _dropped;

    public DeviceKindWriter(IFleetStore store, TimeProvider time, ILogger log)
    {
        _store = store;
        _time = time;
        _log = log;
        _timer = time.CreateTimer(static state => ((DeviceKindWriter)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Kinds that were not saved because too many waited.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    public void Add(in DeviceKind kind)
    {
        if (!_store.IsDurable)
        {
            return;
        }

        lock (_lock)
        {
            if (_isEnded || (_waiting.Count == Capacity && !_waiting.ContainsKey(kind.DeviceId)))
            {
                _dropped++;
                return;
            }

            _waiting[kind.DeviceId] = kind;
            Arm(s_saveEvery);
        }
    }

    /// <summary>Saves what waits, within a limit; a store that fails is not waited for.</summary>
    public Task FlushAsync(TimeSpan limit)
    {
        long began = _time.GetTimestamp();
        return Waiting == 0 ? Task.CompletedTask : Task.Run(() =>
        {
            while (_time.GetElapsedTime(began) < limit && TrySave())
            {
            }
        });
    }

    /// <summary>Saves nothing any more: another process may use the database.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isEnded = true;
        }
    }

    private void OnTimer()
    {
        TrySave();
        lock (_lock)
        {
            _isArmed = false;
            if (_waiting.Count > 0)
            {
                Arm(_isFailing ? s_retryAfter : s_saveEvery);
            }
        }
    }

    private void Arm(TimeSpan due)
    {
        if (!_isArmed && !_isEnded)
        {
            _isArmed = true;
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Saves one batch. False when nothing was saved.</summary>
    private bool TrySave()
    {
        lock (_saving)
        {
            DeviceKind[] batch = Take();
            if (batch.Length == 0)
            {
                return false;
            }

            try
            {
                _store.SaveKinds(batch, Capacity);
                Note(null);
                return true;
            }
            catch (Exception exception)
            {
                // Whatever it is, it must not end the process from the timer.
                PutBack(batch);
                Note(exception);
                return false;
            }
        }
    }

    private DeviceKind[] Take()
    {
        lock (_lock)
        {
            DeviceKind[] batch = _isEnded ? [] : [.. _waiting.Values.Take(Batch)];
            foreach (DeviceKind kind in batch)
            {
                _waiting.Remove(kind.DeviceId);
            }

            return batch;
        }
    }

    private void PutBack(DeviceKind[] batch)
    {
        lock (_lock)
        {
            foreach (DeviceKind kind in batch)
            {
                // A newer report stays.
                if (_waiting.Count < Capacity)
                {
                    _waiting.TryAdd(kind.DeviceId, kind);
                }
                else
                {
                    _dropped++;
                }
            }
        }
    }

    private void Note(Exception? failure)
    {
        bool isNew;
        lock (_lock)
        {
            isNew = failure is not null && !_isFailing;
            _isFailing = failure is not null;
        }

        if (isNew)
        {
            _log.KindsNotSaved(failure!.Message);
        }
    }
}
