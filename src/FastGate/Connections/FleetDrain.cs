using FastGate.Diagnostics;
using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>
/// Closes devices at a rate and refuses new devices until it is cancelled or the process ends. It belongs to the server: it needs no client that waits
/// for it. Unlike the drain of a stop (<c>GatewayDrain</c>) it can be taken back. A restart in place ends it.
/// </summary>
internal sealed class FleetDrain(ConnectionServices connections, TimeProvider time)
{
    /// <summary>A turn in progress is not cut before this time has passed since the start.</summary>
    private static readonly TimeSpan s_turnWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two passes that find nothing to close: for turns that end, and devices that are not refused at their handshake.</summary>
    private static readonly TimeSpan s_nextPass = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();

    // Guarded by the lock.
    private Run? _run;

    /// <summary>Called when a drain has begun or was cancelled, under a lock: it must not wait. Set before the first drain.</summary>
    public Action? OnChanged { get; set; }

    /// <summary>Null when a drain has begun, else why it has not.</summary>
    public string? TryStart(FleetDrainRequest request)
    {
        lock (_gate)
        {
            if (_run is { IsActive: true } running)
            {
                return $"a drain of {running.Request.Description} is running; cancel it first";
            }

            Run run = _run = new Run(request, time.GetUtcNow(), connections.Metrics.DrainRefused.Value);
            connections.DrainRule = request.Matches is null ? new DrainRule(null)
                : request.MatchesHandshake is { } matches ? new DrainRule(matches) : null;
            connections.Log.FleetDrainBegun(request.Description, request.Rate, connections.Registry.Count);
            _ = CloseAsync(run);
            OnChanged?.Invoke();
            return null;
        }
    }

    /// <summary>Stops closing devices and accepts new devices again. False when no drain runs.</summary>
    public bool Cancel()
    {
        lock (_gate)
        {
            if (_run is not { IsActive: true } run)
            {
                return false;
            }

            connections.DrainRule = null;
            run.RefusedAtEnd = connections.Metrics.DrainRefused.Value;
            run.State = FleetDrainState.None;
            run.Stop.Cancel();
            connections.Log.FleetDrainCancelled(run.Request.Description, run.Closed);
            OnChanged?.Invoke();
            return true;
        }
    }

    /// <summary>Every device is closed: new devices should be sent elsewhere.</summary>
    public bool IsOfAllDevices
    {
        get
        {
            lock (_gate)
            {
                return _run is { IsActive: true, Request.Matches: null };
            }
        }
    }

    /// <summary>The filter of the drain that runs; null when none does.</summary>
    public string? Active
    {
        get
        {
            lock (_gate)
            {
                return _run is { IsActive: true } run ? run.Request.Description : null;
            }
        }
    }

    /// <summary>Counts the devices that remain, in one pass.</summary>
    public FleetDrainReport Report()
    {
        Run? run;
        lock (_gate)
        {
            run = _run;
        }

        if (run is null)
        {
            return new FleetDrainReport(FleetDrainState.None, null, null, 0, 0, 0, 0, 0, 0);
        }

        int remaining = 0;
        if (run.Request.Matches is not { } matches)
        {
            remaining = connections.Registry.Count;
        }
        else
        {
            foreach (DeviceConnection connection in connections.Registry)
            {
                remaining += matches(connection) ? 1 : 0;
            }
        }

        return new FleetDrainReport(
            run.State,
            run.StartedAt,
            run.Request.Description,
            run.Request.Rate,
            (int)(run.Request.ReconnectAtOnce ? CloseStatus.ServiceRestart : CloseStatus.GoingAway),
            run.Closed,
            (run.IsActive ? connections.Metrics.DrainRefused.Value : run.RefusedAtEnd) - run.RefusedAtStart,
            run.Waiting,
            remaining);
    }

    private async Task CloseAsync(Run run)
    {
        try
        {
            await Task.Yield();
            long began = time.GetTimestamp();
            while (!run.Stop.IsCancellationRequested)
            {
                bool isPatient = time.GetElapsedTime(began) < s_turnWait;
                int waiting = 0;
                int closedInPass = 0;

                // An enumeration stays with the table that it began with, so it may take as long as it needs; devices that connect meanwhile are found by the next pass.
                foreach (DeviceConnection connection in connections.Registry)
                {
                    if (run.Request.Matches?.Invoke(connection) == false || connection.EndReason != ConnectionEndReason.None)
                    {
                        continue;
                    }

                    if (isPatient && connection.IsInTurn)
                    {
                        waiting++;
                        continue;
                    }

                    // The number that is due grows with time, so that a late tick is made up for.
                    while (run.Closed >= Allowed(began))
                    {
                        await Task.Delay(s_tick, time, run.Stop.Token);
                    }

                    if (run.Request.Reboot)
                    {
                        connection.Reboot();
                    }

                    connection.RequestClose(run.Request.ReconnectAtOnce ? ConnectionEndReason.Moved : ConnectionEndReason.Draining);
                    run.Closed++;
                    closedInPass++;
                }

                run.Waiting = waiting;
                Settle(run, isDone: waiting == 0 && closedInPass == 0);
                await Task.Delay(closedInPass == 0 ? s_nextPass : s_tick, time, run.Stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the operator.
        }
        catch (Exception exception)
        {
            connections.Log.FleetDrainFailed(exception, run.Request.Description);
            Cancel();
        }

        long Allowed(long began) => (long)((time.GetElapsedTime(began) + s_tick).TotalSeconds * run.Request.Rate) + 1;
    }

    private void Settle(Run run, bool isDone)
    {
        lock (_gate)
        {
            if (run.IsActive && isDone != (run.State == FleetDrainState.Drained))
            {
                run.State = isDone ? FleetDrainState.Drained : FleetDrainState.Draining;
                if (isDone)
                {
                    connections.Log.FleetDrainDone(run.Request.Description, run.Closed);
                }
            }
        }
    }

    /// <summary>One drain. The task that closes writes the counts; the state changes under the lock of its owner.</summary>
    private sealed class Run(FleetDrainRequest request, DateTimeOffset startedAt, long refusedAtStart)
    {
        private long _closed;

        public FleetDrainRequest Request => request;

        public DateTimeOffset StartedAt => startedAt;

        public long RefusedAtStart => refusedAtStart;

        public long RefusedAtEnd { get; set; }

        public CancellationTokenSource Stop { get; } = new();

        public FleetDrainState State { get; set; } = FleetDrainState.Draining;

        public bool IsActive => State != FleetDrainState.None;

        public long Closed
        {
            get => Volatile.Read(ref _closed);
            set => Volatile.Write(ref _closed, value);
        }

        public int Waiting { get; set; }
    }
}
