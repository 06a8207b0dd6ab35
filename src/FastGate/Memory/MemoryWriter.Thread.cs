using System.Diagnostics;
using System.Runtime.InteropServices;
using FastGate.Diagnostics;
using FastGate.Memory.Journal;

namespace FastGate.Memory;

/// <content>The writer's thread: when to look, what to write, what to do when it fails.</content>
internal sealed partial class MemoryWriter
{
    // While nothing is pending the thread still looks this often whether it is time to erase what is old.
    private const int IdleLookMs = 60_000;

    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Set by anyone.
    private bool _hurry;
    private bool _heal;
    private bool _stopping;
    private int _retentionDays;
    private bool _retentionChanged;
    private long _stopBy;

    // The writer thread's own (before it runs, the starter's).
    private readonly List<JournalEntry> _batch = [];
    private readonly List<StoredExchange> _turns = [];
    private int _settledOfBatch;
    private bool _open;
    private long _retryAtMs;
    private int _failures;
    private DateTimeOffset _retainAt = DateTimeOffset.MinValue;
    private int _retained;

    // Written by the writer thread, read by anyone.
    private long _stored;
    private long _rejected;
    private long _commits;
    private double _lastCommitMs;

    private void Run()
    {
        try
        {
            while (!Finished())
            {
                int wait = NextLook();
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

    private bool Finished() =>
        Volatile.Read(ref _stopping) && (_journal.Pending == 0 || Environment.TickCount64 > Volatile.Read(ref _stopBy));

    /// <summary>Milliseconds until there is something to do: 0 for now, <see cref="Timeout.Infinite"/> when somebody will say.</summary>
    private int NextLook()
    {
        long now = Environment.TickCount64;
        if (_failures > 0 && now < _retryAtMs)
        {
            // Somebody waits for the result: worth one attempt before its time.
            return Interlocked.Exchange(ref _hurry, false) ? 0 : (int)(_retryAtMs - now);
        }

        Volatile.Write(ref _hurry, false);
        if (!_open || _settledOfBatch < _batch.Count || Volatile.Read(ref _heal) || RetentionDue())
        {
            return 0;
        }

        return _journal.DueIn(now) ?? (Volatile.Read(ref _retentionDays) > 0 ? IdleLookMs : Timeout.Infinite);
    }

    private void Step()
    {
        try
        {
            Volatile.Write(ref _heal, false);
            _store.Open();
            _open = true;
            _ids.StartAfter(_store.LastId);
            Retain();
            Commit();
            _failures = 0;
            _health.Recovered();
        }
        catch (Exception exception)
        {
            Failed(exception);
        }
    }

    private void Failed(Exception exception)
    {
        MemoryFailure failure = (exception as MemoryStoreException)?.Failure ?? MemoryFailure.Unknown;
        double backoff = _limits.RetryFirst.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 16));
        TimeSpan longest = Volatile.Read(ref _stopping) ? _limits.RetryFirst : _limits.RetryLongest;
        _failures++;
        _retryAtMs = Environment.TickCount64 + (long)Math.Min(backoff, longest.TotalMilliseconds);
        _health.Failed(failure, exception.Message, _journal.Pending);
    }

    private void Commit()
    {
        if (_settledOfBatch == _batch.Count)
        {
            _batch.Clear();
            _settledOfBatch = 0;
            _journal.Take(_batch, _limits.Batch);
        }

        while (_settledOfBatch < _batch.Count)
        {
            JournalEntry entry = _batch[_settledOfBatch];
            switch (entry.Kind)
            {
                case JournalEntryKind.Turn:
                    CommitTurns();
                    break;
                case JournalEntryKind.Erasure:
                    int erased = _store.Erase(entry.DeviceId);
                    _metrics.Erased(erased, "request");
                    Settle(1);
                    entry.Done!.TrySetResult(erased);
                    break;
                default:
                    bool kept = _store.SaveSummary(entry.DeviceId, entry.Summary!, entry.PreviousCoversTo);
                    Settle(1);
                    entry.Done!.TrySetResult(kept ? 1 : 0);
                    break;
            }
        }
    }

    /// <summary>Writes the turns up to the next entry of another kind in one transaction.</summary>
    private void CommitTurns()
    {
        _turns.Clear();
        int end = _settledOfBatch;
        for (; end < _batch.Count && _batch[end].Kind == JournalEntryKind.Turn; end++)
        {
            if (_batch[end].Turn is { } turn)
            {
                _turns.Add(turn);
            }
        }

        long oldest = _batch[_settledOfBatch].AcceptedAtMs;
        if (_turns.Count > 0)
        {
            long started = Stopwatch.GetTimestamp();
            int stored = AppendAll();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            Volatile.Write(ref _lastCommitMs, elapsed.TotalMilliseconds);
            Volatile.Write(ref _commits, _commits + 1);
            Volatile.Write(ref _stored, _stored + stored);
            _metrics.Committed(stored, elapsed.TotalSeconds, (Environment.TickCount64 - oldest) / 1000.0);
        }

        Settle(end - _settledOfBatch);
        _turns.Clear();
    }

    private int AppendAll()
    {
        try
        {
            _store.Append(_turns);
            return _turns.Count;
        }
        catch (MemoryStoreException exception) when (exception.Failure == MemoryFailure.Rejected)
        {
            return AppendOneByOne();
        }
    }

    // One turn that the store cannot take must not keep all others out.
    private int AppendOneByOne()
    {
        int stored = 0;
        foreach (StoredExchange turn in _turns)
        {
            try
            {
                _store.Append([turn]);
                stored++;
            }
            catch (MemoryStoreException exception) when (exception.Failure == MemoryFailure.Rejected)
            {
                Volatile.Write(ref _rejected, _rejected + 1);
                _metrics.Rejected();
                _logger.MemoryTurnRejected(turn.DeviceId, exception.Message);
            }
        }

        return stored;
    }

    private void Settle(int count)
    {
        _journal.Settle(CollectionsMarshal.AsSpan(_batch).Slice(_settledOfBatch, count));
        _settledOfBatch += count;
    }

    private bool RetentionDue() => Volatile.Read(ref _retentionDays) > 0 && (Volatile.Read(ref _retentionChanged) || _time.GetUtcNow() >= _retainAt);

    /// <summary>Erases one stretch of what is too old; the rest follows in the next steps, so that saves never wait for all of it.</summary>
    private void Retain()
    {
        if (!RetentionDue())
        {
            return;
        }

        Volatile.Write(ref _retentionChanged, false);
        int days = Volatile.Read(ref _retentionDays);
        DateTimeOffset now = _time.GetUtcNow();
        int erased = _store.DeleteOlderThan(now.AddDays(-days), _limits.RetentionBatch);
        _retained += erased;
        _metrics.Erased(erased, "age");
        _retainAt = now;
        if (erased < _limits.RetentionBatch)
        {
            _retainAt = now + _limits.RetentionInterval;
            if (_retained > 0)
            {
                _logger.MemoryRetained(_retained, days);
            }

            _retained = 0;
        }
    }

    private void End()
    {
        var reason = new MemoryStoreException(MemoryFailure.CannotOpen, "memory has stopped");
        for (int i = _settledOfBatch; i < _batch.Count; i++)
        {
            _batch[i].Done?.TrySetException(reason);
        }

        _journal.Abandon(reason);
        try
        {
            // The reader first: what it reads from is about to go.
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
