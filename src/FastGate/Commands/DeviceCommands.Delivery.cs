using FastGate.Diagnostics;
using FastGate.Memory;

namespace FastGate.Commands;

/// <content>From a queue to its device. Everything here but the wait for the answer runs on the worker.</content>
internal sealed partial class DeviceCommands
{
    private void DeliverAll()
    {
        foreach (DeviceQueue queue in _queues.Values)
        {
            Deliver(queue);
        }
    }

    /// <summary>Sends the first command of a device that is ready. The others follow when it has ended.</summary>
    private void Deliver(DeviceQueue queue)
    {
        while (!_isQuiet && !queue.IsBusy && queue.Commands.First is { } node && _devices.Find(queue.DeviceId) is { } device)
        {
            StoredCommand command = node.Value.Command;
            if (command.ExpiresAt <= NowMs)
            {
                Expire(node);
                continue;
            }

            switch (device.ReadinessFor(command.Tool is not null))
            {
                case CommandReadiness.NotYet:
                    return;
                case CommandReadiness.Never:
                    End(node, new CommandResult(CommandState.Failed, null, CommandReasons.NoTools));
                    continue;
            }

            try
            {
                Open();
                if (_store.Payload(command.Id) is not { } payload)
                {
                    _log.CommandRowMissing(command.Id, command.DeviceId);
                    End(node, new CommandResult(CommandState.Failed));
                    continue;
                }

                _store.MarkSent(command.Id, NowMs);
                _storeState.NoteRecovered();
                queue.IsBusy = true;
                Volatile.Write(ref _inFlight, _inFlight + 1);
                _ = SendAsync(node, device, payload);
            }
            catch (MemoryStoreException exception)
            {
                _storeState.NoteFailed(exception);
                Retry(queue);
            }

            return;
        }
    }

    private async Task SendAsync(LinkedListNode<WaitingCommand> node, ICommandDevice device, byte[] payload)
    {
        StoredCommand command = node.Value.Command;
        var timeout = TimeSpan.FromMilliseconds(command.TimeoutMs);
        CommandResult result = command.Tool is { } tool
            ? await device.CallToolAsync(tool, payload, timeout)
            : await device.WriteAsync(payload, timeout);
        _worker.Post(() => OnAnswered(node, result));
    }

    private void OnAnswered(LinkedListNode<WaitingCommand> node, CommandResult result)
    {
        DeviceQueue queue = node.Value.Queue;
        queue.IsBusy = false;
        if (result.State == CommandState.Queued)
        {
            try
            {
                Open();
                _store.MarkQueued(node.Value.Command.Id);
            }
            catch (MemoryStoreException exception)
            {
                _storeState.NoteFailed(exception);
            }

            Retry(queue);
        }
        else
        {
            End(node, result);
            Deliver(queue);
        }

        Volatile.Write(ref _inFlight, _inFlight - 1);
        Arm();
    }

    private void Retry(DeviceQueue queue)
    {
        _retries.Add(queue);
        Arm();
    }
}
