using FastGate.Diagnostics;
using FastGate.Memory;

namespace FastGate.Commands;

/// <content>The worker's side. Everything here runs on its thread.</content>
internal sealed partial class DeviceCommands
{
    /// <summary>How many commands end between two deletions of old ones.</summary>
    private const int DeleteEvery = 100;

    /// <summary>The wall clock may be set meanwhile.</summary>
    private const long MostTimerMs = 3_600_000;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Open()
    {
        if (!_store.IsOpen || _store.IsReplaced)
        {
            _store.Open();
            _lastId = Math.Max(_lastId, _store.LastId());
        }

        if (!_isLoaded)
        {
            _isLoaded = true;
            Restore(_store.Unfinished());
        }
    }

    private void Load()
    {
        try
        {
            Open();
            _storeState.NoteRecovered();
            _isLoadDue = false;
            if (_waiting.Count == 0 && _unsaved.Count == 0)
            {
                // A server without commands keeps no connection for them.
                _store.Close();
            }
        }
        catch (MemoryStoreException exception)
        {
            _isLoadDue = true;
            _storeState.NoteFailed(exception);
        }

        DeliverAll();
        Arm();
    }

    private void Restore(List<StoredCommand> commands)
    {
        int unknown = 0;
        foreach (StoredCommand command in commands)
        {
            if (command.State == CommandState.Sent)
            {
                unknown++;
                _metrics.Ended(CommandState.Failed);
                Save(command.Id, new CommandResult(CommandState.Failed, null, SentBeforeEnd));
            }
            else
            {
                Enqueue(command);
            }
        }

        if (commands.Count > 0)
        {
            _log.CommandsFound(_waiting.Count, unknown);
        }
    }

    private CommandAnswer Submit(NewCommand request)
    {
        CommandRefusal refusal =
            request.Payload.Length > MaxPayload ? CommandRefusal.TooLong
            : _waiting.Count >= _options.Total ? CommandRefusal.Full
            : _queues.TryGetValue(request.DeviceId, out DeviceQueue? present) && present.Commands.Count >= _options.PerDevice ? CommandRefusal.DeviceFull
            : CommandRefusal.None;
        if (refusal != CommandRefusal.None)
        {
            return new CommandAnswer(refusal);
        }

        long now = NowMs;
        var command = new StoredCommand
        {
            // Grows with time, so that an id is not used again by a server whose commands are lost.
            Id = _lastId = Math.Max(_lastId + 1, now),
            DeviceId = request.DeviceId,
            Tool = request.Tool,
            CreatedAt = now,
            ExpiresAt = now + (long)(request.Ttl ?? _options.Ttl).TotalMilliseconds,
            TimeoutMs = (long)request.Timeout.TotalMilliseconds,
        };
        _store.Add(command, request.Payload);
        DeviceQueue queue = Enqueue(command);
        Interlocked.MemoryBarrier();
        Deliver(queue);
        Arm();
        return new CommandAnswer(CommandRefusal.None, _store.Find(command.Id) ?? command);
    }

    private CommandAnswer Cancel(long id)
    {
        if (_waiting.TryGetValue(id, out LinkedListNode<WaitingCommand>? node) && !IsSent(node))
        {
            End(node, new CommandResult(CommandState.Cancelled, null, CommandReasons.Cancelled));
            Arm();
            return new CommandAnswer(CommandRefusal.None, _store.Find(id));
        }

        return _store.Find(id) is { } command ? new CommandAnswer(CommandRefusal.TooLate, command) : new CommandAnswer(CommandRefusal.Unknown);
    }

    private DeviceQueue Enqueue(StoredCommand command)
    {
        DeviceQueue queue = _queues.GetOrAdd(command.DeviceId, static id => new DeviceQueue(id));
        _waiting[command.Id] = queue.Commands.AddLast(new WaitingCommand(command, queue));
        _expiries.Add((command.ExpiresAt, command.Id));
        Volatile.Write(ref _pending, _waiting.Count);
        return queue;
    }

    private static bool IsSent(LinkedListNode<WaitingCommand> node) => node.Value.Queue is { IsBusy: true } queue && queue.Commands.First == node;

    private void Expire(LinkedListNode<WaitingCommand> node) =>
        End(node, new CommandResult(CommandState.Expired, null, CommandReasons.NotInTime));

    private void End(LinkedListNode<WaitingCommand> node, CommandResult result)
    {
        (StoredCommand command, DeviceQueue queue) = node.Value;
        queue.Commands.Remove(node);
        _waiting.Remove(command.Id);
        _expiries.Remove((command.ExpiresAt, command.Id));
        Volatile.Write(ref _pending, _waiting.Count);
        if (queue.Commands.Count == 0)
        {
            _queues.TryRemove(queue.DeviceId, out _);
            _retries.Remove(queue);
        }

        _metrics.Ended(result.State);
        Save(command.Id, result);
    }

    /// <summary>Stores the end of a command, later when the store fails.</summary>
    private void Save(long id, CommandResult result)
    {
        _unsaved.Enqueue((id, NowMs, result));
        SaveEnds();
    }

    private void SaveEnds()
    {
        try
        {
            while (_unsaved.TryPeek(out (long Id, long At, CommandResult Result) end))
            {
                Open();
                _store.End(end.Id, end.At, end.Result);
                _unsaved.Dequeue();
                _endedSinceDeletion++;
            }

            if (_endedSinceDeletion >= DeleteEvery)
            {
                _endedSinceDeletion = 0;
                _store.DeleteEnded(NowMs - (long)_options.KeepOutcome.TotalMilliseconds, MostEnded, DeleteEvery * 2);
            }
        }
        catch (MemoryStoreException exception)
        {
            _storeState.NoteFailed(exception);
        }
    }

    private void OnTimer()
    {
        if (_isLoadDue)
        {
            Load();
        }

        long now = NowMs;
        while (_expiries.Count > 0 && _expiries.Min is var first && first.ExpiresAt <= now && _waiting[first.Id] is var node)
        {
            if (IsSent(node))
            {
                // Its own timeout ends it.
                _expiries.Remove(first);
            }
            else
            {
                Expire(node);
            }
        }

        SaveEnds();
        DeviceQueue[] retries = [.. _retries];
        _retries.Clear();
        foreach (DeviceQueue queue in retries)
        {
            Deliver(queue);
        }

        Arm();
    }

    /// <summary>Sets the timer to what is due next.</summary>
    private void Arm()
    {
        TimeSpan due = _isLoadDue || _retries.Count > 0 || _unsaved.Count > 0 ? s_retryAfter
            : _expiries.Count > 0 ? TimeSpan.FromMilliseconds(Math.Clamp(_expiries.Min.ExpiresAt - NowMs, 1, MostTimerMs))
            : Timeout.InfiniteTimeSpan;
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
