using FastGate.Commands;
using FastGate.Diagnostics;

namespace FastGate.Cluster;

/// <content>From the engine to the device. A drain's loop runs on the pool.</content>
internal sealed partial class ClusterCommands
{
    /// <summary>Ids of the commands that this process has sent and that are remembered.</summary>
    private const int MostRemembered = 1_000;

    private readonly Lock _sentLock = new();

    // Under the lock.
    private readonly HashSet<long> _sent = [];
    private readonly Queue<long> _sentOrder = new();

    private enum Step
    {
        /// <summary>Look again after a moment.</summary>
        Again,

        /// <summary>Until the next report.</summary>
        Wait,

        /// <summary>Nothing waits, or the device is not here.</summary>
        Over,
    }

    private void RaiseAll()
    {
        foreach (CommandDrain drain in _drains.Values)
        {
            Raise(drain);
        }
    }

    private void Raise(string deviceId)
    {
        // A removed drain leaves the table at once.
        while (!Raise(_drains.GetOrAdd(deviceId, static id => new CommandDrain(id))))
        {
        }
    }

    private bool Raise(CommandDrain drain)
    {
        bool? starts = drain.TryRaise();
        if (starts == true)
        {
            _ = Task.Run(() => RunAsync(drain));
        }

        return starts is not null;
    }

    private async Task RunAsync(CommandDrain drain)
    {
        try
        {
            while (true)
            {
                switch (await DeliverAsync(drain))
                {
                    case Step.Again:
                        await Task.Delay(s_retryAfter, _time, _stopped);
                        break;
                    case Step.Wait when drain.TryRest():
                        return;
                    case Step.Over when drain.TryRemove():
                        _drains.TryRemove(new(drain.DeviceId, drain));
                        return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; the drain stays as it is.
        }
        catch (Exception exception)
        {
            // The next claim or verification of the device begins anew.
            _log.CommandWorkFailed(exception);
            while (!drain.TryRemove())
            {
            }

            _drains.TryRemove(new(drain.DeviceId, drain));
        }
    }

    /// <summary>Sends the commands of the device one after the other.</summary>
    private async Task<Step> DeliverAsync(CommandDrain drain)
    {
        while (true)
        {
            if (_devices.Find(drain.DeviceId) is not { } device)
            {
                return Step.Over;
            }

            if (_link.Node is not { } node || _local.Waits(drain.DeviceId))
            {
                return Step.Again;
            }

            // Counted before the look at the flag, which is set before the look at the count.
            Interlocked.Increment(ref _inFlight);
            try
            {
                if (_isQuiet)
                {
                    return Step.Wait;
                }

                TakenCommand taken = await _engine.TakeAsync(
                    drain.DeviceId, node, drain.Token, _nowMs(), device.ReadinessFor(isTool: true), device.ReadinessFor(isTool: false));
                _storeState.NoteRecovered();
                Count(CommandState.Expired, taken.Expired);
                Count(CommandState.Failed, taken.Failed);
                if (taken.Result != TakeResult.Taken)
                {
                    return taken.Result switch
                    {
                        TakeResult.NotYet => Step.Wait,
                        TakeResult.Busy => Step.Again,
                        _ => Step.Over,
                    };
                }

                CommandResult result = await SendAsync(device, taken);
                await StoreAsync(drain, taken.Id, result);
                drain.RenewToken();
                if (result.State == CommandState.Queued)
                {
                    return Step.Again;
                }
            }
            catch (ClusterEngineException exception)
            {
                _storeState.NoteFailed(exception);
                return Step.Again;
            }
            finally
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }
    }

    private async Task<CommandResult> SendAsync(ICommandDevice device, TakenCommand command)
    {
        if (!Remember(command.Id))
        {
            return new CommandResult(CommandState.Failed, null, "unknown outcome: Redis has lost it; the command was not sent again");
        }

        CommandResult result = command.Tool is { } tool
            ? await device.CallToolAsync(tool, command.Payload, command.Timeout)
            : await device.WriteAsync(command.Payload, command.Timeout);
        if (result.State == CommandState.Queued)
        {
            lock (_sentLock)
            {
                _sent.Remove(command.Id);
            }
        }

        return result;
    }

    /// <summary>Stores the outcome, later while the engine is away: the next command of the device waits for it.</summary>
    private async Task StoreAsync(CommandDrain drain, long id, CommandResult result)
    {
        while (true)
        {
            try
            {
                if (result.State == CommandState.Queued)
                {
                    await _engine.ReturnAsync(drain.DeviceId, id, drain.Token);
                }
                else if (await _engine.EndAsync(drain.DeviceId, id, drain.Token, _nowMs(), result))
                {
                    _metrics.Ended(result.State);
                }

                return;
            }
            catch (ClusterEngineException exception)
            {
                _storeState.NoteFailed(exception);
                await Task.Delay(s_retryAfter, _time, _stopped);
            }
        }
    }

    /// <summary>False when this process has sent the command before: an engine that has lost its last writes may offer it again.</summary>
    private bool Remember(long id)
    {
        lock (_sentLock)
        {
            if (!_sent.Add(id))
            {
                return false;
            }

            _sentOrder.Enqueue(id);
            if (_sentOrder.Count > MostRemembered)
            {
                _sent.Remove(_sentOrder.Dequeue());
            }

            return true;
        }
    }
}
