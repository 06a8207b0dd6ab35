using System.Net.Sockets;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Hosting.Adapters;
using FastGate.Restart;
using FastGate.Restart.TakeOver;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;

namespace FastGate.Hosting;

/// <summary>The hand-over to another process, and from one. One task at a time uses it.</summary>
internal sealed partial class GatewayHost : ITakeOverSink
{
    /// <summary>Descriptors that this process opens for other things: the database, HTTP connections, providers.</summary>
    private const int ReservedDescriptors = 64;

    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HandOverSocket? _handOverSocket;
    private InheritedState? _taken;
    private Task? _memoryOpened;
    private long _takenIncarnation;

    /// <summary>Completes when another process serves all connections: this one must end and touch none.</summary>
    public Task HandedOver => _handedOver.Task;

    int ITakeOverSink.Capacity => Math.Min(_maxConnections, LinuxProcess.OpenFileLimit() - LinuxProcess.CountOpenFiles() - ReservedDescriptors);

    /// <summary>Listens at the configured path for a process that takes over.</summary>
    /// <param name="replaces">This process has taken over from the one that listens there.</param>
    public void OpenHandOverSocket(bool replaces)
    {
        if (_options.Restart.HandOverSocket is string path)
        {
            _handOverSocket = HandOverSocket.TryOpen(path, replaces, HandOverAsync, _log);
        }
    }

    /// <summary>Takes over the connections of a running server instead of <see cref="StartAsync"/>. False, with a line in the log, when that failed.</summary>
    public async Task<bool> TryTakeOverAsync(string path)
    {
        try
        {
            // Before anything is asked of the running server.
            Rehearse();
            using HandOverChannel channel = HandOverSocket.Connect(path);
            int processId = channel.Peer.ProcessId;
            HandOverReport report = await new HandOverReceiver(channel, this, new HandOverLimits(), _log).RunAsync();
            _log.TakenOver(processId, report.Connections, report.Bytes, report.LongestBatch.TotalMilliseconds, report.CutTurns, report.Duration.TotalMilliseconds);
            return true;
        }
        catch (Exception exception) when (exception is HandOverRefusedException or IOException or TimeoutException or InvalidDataException)
        {
            _log.CannotTakeOver(path, exception.Message);
            return false;
        }
    }

    /// <summary>
    /// Leaves listeners, connections and their state in the store of the service manager, for the next start. False when it cannot keep them: then
    /// everything is as before.
    /// </summary>
    public async Task<bool> TryKeepAsync(SystemdStore store)
    {
        DetachedGateway? detached = null;
        try
        {
            HandOver.IsStopRequested = static () => false;
            detached = await HandOver.DetachAsync(CancellationToken.None);
            int[] sockets =
            [
                .. detached.State.Listeners.SelectMany(static listener => listener.Descriptors),
                .. detached.State.Connections.Select(static connection => connection.Descriptor),
            ];
            if (!store.HasRoomFor(sockets.Length))
            {
                throw new HandOverRefusedException($"there is no room for {sockets.Length} sockets and their state; raise FileDescriptorStoreMax=");
            }

            store.Keep(detached.State, sockets);
            _isContinued = true;
            _log.LeftInStore(detached.State.Connections.Count, detached.WaitedTurns, detached.CutTurns);
            return true;
        }
        catch (Exception exception) when (exception is HandOverRefusedException or IOException or SocketException or TimeoutException)
        {
            _log.NotLeftInStore(exception.Message);
            store.TryClear();
            if (detached is not null)
            {
                HandOver.Resume(detached.State.Connections);
            }

            return false;
        }
    }

    string? ITakeOverSink.AdoptListeners(IReadOnlyList<ListenerState> listeners)
    {
        _taken = InheritedState.Of(new ReadState { State = new GatewayState { Listeners = listeners } });
        return _transport is IHandOverTransport ? _listeners.FindMismatch(_taken)
            : $"the transport {_transport.GetType().Name} cannot take over connections";
    }

    async Task ITakeOverSink.AdoptAsync(GatewayState state, IReadOnlyList<UnreadableConnection> unreadable)
    {
        if (_memoryOpened is null)
        {
            _databaseLock = LockDatabase(-1, _taken!.ListenersOf(TakeOverSource.DatabaseName) is [int passed] ? passed : -1);
            PoolThreads.Start();
            _memoryOpened = Task.WhenAll(Task.Run(_memory.Start), Task.Run(_fleet.TryLoad));
            await HandOver.BindAsync(_taken);
            HandOver.Begin(new DeviceConnectionHandler(_connections).OnConnectedAsync);
        }

        _takenIncarnation = Math.Max(_takenIncarnation, state.NodeIncarnation);
        await HandOver.AdoptAsync(InheritedState.Of(new ReadState { State = state, Unreadable = unreadable }));
        await _memoryOpened;
    }

    async Task ITakeOverSink.AcceptAsync()
    {
        HandOver.Accept();
        await Task.Run(_fleet.TryLoadKinds);
        await OpenHttpAsync(_taken);
        _ = _idleMemory.WatchAsync(_stop.Token);
        _mcp.Start();
        _control.Start();
        StartCluster(_takenIncarnation);
    }

    private async Task<bool> HandOverAsync(HandOverChannel channel)
    {
        string? refusal = _transport is not IHandOverTransport ? $"the transport {TransportName} cannot hand over its connections"
            : !Restart.Requests.TryReserve() ? "the server restarts or stops"
            : null;
        if (refusal is not null)
        {
            channel.SendText(HandOverFrameKind.Refuse, refusal, TimeSpan.Zero);
            return false;
        }

        try
        {
            int processId = channel.Peer.ProcessId;
            _log.TakeOverBegun(processId);
            var source = new TakeOverSource(HandOver, _transport, _listeners, () => _databaseLock?.Descriptor ?? -1);
            if (await new HandOverSender(channel, source, new HandOverLimits(), _log).RunAsync() is not { } report)
            {
                return false;
            }

            _log.HandedOver(processId, report.Connections, report.Bytes, report.LongestBatch.TotalMilliseconds, report.CutTurns, report.Duration.TotalMilliseconds);
            _listeners.IsHandedOver = true;
            _handedOver.SetResult();
            return true;
        }
        finally
        {
            Restart.Requests.Release();
        }
    }
}
