using System.Runtime.InteropServices;
using FastGate.Diagnostics;

namespace FastGate.Memory.Journal;

/// <content>What the writer thread takes from the journal and how it writes it.</content>
internal sealed partial class MemoryWriter
{
    private void Commit()
    {
        if (_settled == _batch.Count)
        {
            _batch.Clear();
            _settled = 0;
            _journal.Take(_batch, _limits.Batch);
        }

        while (_settled < _batch.Count)
        {
            JournalEntry entry = _batch[_settled];
            switch (entry.Kind)
            {
                case JournalEntryKind.Exchange:
                    CommitExchanges();
                    break;
                case JournalEntryKind.Erasure:
                    entry.Result = _store.Erase(entry.DeviceId) + entry.Dropped;
                    _metrics.Erased(entry.Result, "request");
                    Settle(1);
                    break;
                default:
                    entry.Result = _store.SaveSummary(entry.DeviceId, entry.Summary!, entry.PreviousCoversTo) ? 1 : 0;
                    Settle(1);
                    break;
            }
        }
    }

    /// <summary>Writes the exchanges up to the next entry of another kind in one transaction.</summary>
    private void CommitExchanges()
    {
        int end = TakeExchanges();
        if (_exchanges.Count > 0)
        {
            long started = _time.GetTimestamp();
            int stored = AppendAll();
            TimeSpan elapsed = _time.GetElapsedTime(started);
            Volatile.Write(ref _lastCommitMs, elapsed.TotalMilliseconds);
            Volatile.Write(ref _commits, _commits + 1);
            Volatile.Write(ref _stored, _stored + stored);
            _metrics.Committed(stored, elapsed.TotalSeconds, _time.GetElapsedTime(_batch[_settled].AcceptedAt).TotalSeconds);
        }

        Settle(end - _settled);
        _exchanges.Clear();
    }

    private int TakeExchanges()
    {
        _exchanges.Clear();
        int end = _settled;
        for (; end < _batch.Count && _batch[end].Kind == JournalEntryKind.Exchange; end++)
        {
            if (_batch[end].Exchange is { } exchange)
            {
                _exchanges.Add(exchange);
            }
        }

        return end;
    }

    private int AppendAll()
    {
        try
        {
            while (!_store.Append(_exchanges))
            {
                NoteErased();
                TakeExchanges();
            }

            return _exchanges.Count;
        }
        catch (MemoryStoreException exception) when (exception.Failure == MemoryFailure.Rejected)
        {
            return AppendOneByOne();
        }
    }

    // One exchange that the store rejects must not keep the others from being stored.
    private int AppendOneByOne()
    {
        int stored = 0;
        foreach (StoredExchange exchange in _exchanges)
        {
            try
            {
                // Refused: the device may have been erased elsewhere. The whole batch is taken again, which stores each exchange once.
                if (!_store.Append([exchange]))
                {
                    NoteErased();
                    TakeExchanges();
                    return AppendAll();
                }

                stored++;
            }
            catch (MemoryStoreException exception) when (exception.Failure == MemoryFailure.Rejected)
            {
                Volatile.Write(ref _rejected, _rejected + 1);
                _metrics.Rejected();
                _logger.MemoryTurnRejected(exchange.DeviceId, exception.Message);
            }
        }

        return stored;
    }

    private void NoteErased()
    {
        if (_store.TakeErased() is { Count: > 0 } erased)
        {
            _journal.NoteErasures(erased, CollectionsMarshal.AsSpan(_batch)[_settled..]);
        }
    }

    private void Settle(int count)
    {
        _journal.Settle(CollectionsMarshal.AsSpan(_batch).Slice(_settled, count));
        _settled += count;
    }
}
