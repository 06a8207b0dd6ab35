using FastGate.Diagnostics;

namespace FastGate.Memory.Journal;

/// <content>The writer thread: when to look, how to handle failures, what to delete for its age.</content>
internal sealed partial class MemoryWriter
{
    // While nothing is pending the thread still checks this often whether old exchanges are due for deletion.
    private const int IdleCheckMs = 60_000;

    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Set by any thread.
    private bool _wakeNow;
    private bool _repair;
    private bool _stopping;
    private int _retentionDays;
    private bool _retentionChanged;
    private long _stopBy;

    // Owned by the writer thread; by Start before the thread runs.
    private readonly List<JournalEntry> _batch = [];
    private readonly List<StoredExchange> _exchanges = [];
    private int _settled;
    private bool _open;
    private long _retryAtMs;
    private long _steppedAtMs;
    private int _failures;
    private readonly RetentionClock _retentionClock;
    private long? _retainedAt;
    private int _deletedForAge;

    // Written by the writer thread, read by any thread.
    private long _stored;
    private long _rejected;
    private long _commits;
    private double _lastCommitMs;

    private void Run()
    {
        try
        {
            while (!IsFinished())
            {
                int wait = NextWait();
                if (wait == 0)
                {
                    Step();
                }
                else
                {
                    _wake.WaitOne(wait);
                }
            }
        }
        finally
        {
            End();
        }
    }

    private bool IsFinished() =>
        Volatile.Read(ref _stopping) && (_journal.Pending == 0 || Environment.TickCount64 > Volatile.Read(ref _stopBy));

    /// <summary>Milliseconds until the next step: 0 for now, <see cref="Timeout.Infinite"/> to wait for a signal.</summary>
    private int NextWait()
    {
        long now = Environment.TickCount64;
        if (_failures > 0 && now < _retryAtMs)
        {
            // A caller that waits for the result gets one attempt ahead of time.
            return Interlocked.Exchange(ref _wakeNow, false) ? 0 : (int)(_retryAtMs - now);
        }

        Volatile.Write(ref _wakeNow, false);
        if (!_open || _settled < _batch.Count || Volatile.Read(ref _repair) || IsRetentionDue())
        {
            return 0;
        }

        int wait = _journal.DueIn() ?? (Volatile.Read(ref _retentionDays) > 0 ? IdleCheckMs : Timeout.Infinite);
        if (!IsShared)
        {
            return wait;
        }

        int check = (int)Math.Max(0, _steppedAtMs + (long)_store.CheckInterval.TotalMilliseconds - now);
        return wait < 0 ? check : Math.Min(wait, check);
    }

    private void Step()
    {
        try
        {
            Volatile.Write(ref _repair, false);
            _steppedAtMs = Environment.TickCount64;
            _store.Open();
            _open = true;
            NoteErased();
            _ids.StartAfter(_store.LastId);
            _retentionClock.Start(ExchangeIds.TimeOf(_store.LastId), TimeSpan.FromDays(Volatile.Read(ref _retentionDays)));
            DeleteOld();
            Commit();
            _failures = 0;
            _health.Recovered();
        }
        catch (Exception exception)
        {
            double backoff = _limits.RetryFirst.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 16));
            TimeSpan longest = Volatile.Read(ref _stopping) ? _limits.RetryFirst : _limits.RetryLongest;
            _failures++;

            // Half of it at random: servers that lost one store together must not return to it together.
            _retryAtMs = Environment.TickCount64 + (long)(Math.Min(backoff, longest.TotalMilliseconds) * (1 - (Random.Shared.NextDouble() / 2)));
            _health.Failed((exception as MemoryStoreException)?.Failure ?? MemoryFailure.Unknown, exception.Message, _journal.Pending);
        }
    }

    private bool IsRetentionDue()
    {
        if (!_open || Volatile.Read(ref _retentionDays) == 0)
        {
            return false;
        }

        // Read at each pass of the loop: a step of the wall clock that ends before the next deletion must be seen to end.
        _retentionClock.Read();
        return Volatile.Read(ref _retentionChanged) || _retainedAt is not { } at || _time.GetElapsedTime(at) >= _limits.RetentionInterval;
    }

    /// <summary>Deletes one batch of old exchanges; the next steps delete the rest, so that saves never wait for all of it.</summary>
    private void DeleteOld()
    {
        if (!IsRetentionDue())
        {
            return;
        }

        Volatile.Write(ref _retentionChanged, false);
        int days = Volatile.Read(ref _retentionDays);
        int deleted = _store.DeleteOlderThan(_retentionClock.Read().AddDays(-days), _limits.RetentionBatch);
        _deletedForAge += deleted;
        _metrics.Erased(deleted, "age");
        _retainedAt = null;
        if (deleted < _limits.RetentionBatch)
        {
            _retainedAt = _time.GetTimestamp();
            if (_deletedForAge > 0)
            {
                _logger.MemoryRetained(_deletedForAge, days);
            }

            _deletedForAge = 0;
        }
    }

    private void End()
    {
        _journal.Abandon(new MemoryStoreException(MemoryFailure.CannotOpen, "the memory has stopped"), _batch.Skip(_settled));
        try
        {
            // The reader stops first because it uses the store.
            if (_reader.Stop(TimeSpan.FromSeconds(1)))
            {
                _reader.Dispose();
                _store.Dispose();
            }
        }
        catch (Exception exception)
        {
            _health.Failed(MemoryFailure.Unknown, exception.Message, _journal.Pending);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
