using System.Collections.Concurrent;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Commands that wait in the engine, so that they reach their device at whichever node it says its next hello. A command is stored before it is accepted;
/// the node that holds the device takes the first one, which marks it as sent, sends it and stores its outcome before it takes the next one. None is sent
/// twice: a command that was taken by a node that ends before the answer counts as failed with an unknown outcome. While the engine is away, devices that
/// are connected here get commands from the store of this node.
/// </summary>
/// <remarks>
/// An event loop reads <see cref="_drains"/> at a hello, which finds nothing unless commands wait for that device. A drain is added when the engine says
/// that commands wait: at the claim of the device, which follows its registration, at a verification, and when a command is added. The drain is added before
/// the loop looks at the device, and the device becomes ready before it looks for its drain, both with a full fence in between: one of them sees the other.
/// </remarks>
internal sealed partial class ClusterCommands : IDeviceCommands
{
    /// <summary>Ids of commands of the local store are milliseconds, those of the engine are microseconds.</summary>
    private const long FirstShared = 1L << 45;

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_quietPoll = TimeSpan.FromMilliseconds(10);

    private readonly ICommandEngine _engine;
    private readonly EngineLink _link;
    private readonly DeviceCommands _local;
    private readonly ICommandDevices _devices;
    private readonly CommandOptions _options;
    private readonly CommandMetrics _metrics;
    private readonly ILogger _log;
    private readonly CommandStoreState _storeState;
    private readonly TimeProvider _time;
    private readonly Func<long> _nowMs;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;

    /// <summary>At most one for each connected device. Changed and read by any thread.</summary>
    private readonly ConcurrentDictionary<string, CommandDrain> _drains = new(StringComparer.Ordinal);

    private volatile bool _isQuiet;
    private int _inFlight;
    private int _left;

    public ClusterCommands(
        ICommandEngine engine,
        EngineLink link,
        ClusterMessages messages,
        DeviceCommands local,
        ICommandDevices devices,
        CommandOptions options,
        CommandMetrics metrics,
        Func<long> nowMs,
        ILogger log,
        TimeProvider time)
    {
        (_engine, _link, _local, _devices, _options, _metrics, _nowMs, _log, _time) = (engine, link, local, devices, options, metrics, nowMs, log, time);
        _storeState = new CommandStoreState(log);
        _stopped = _stop.Token;
        messages.Handle(CommandsWait.Kind, ClusterJson.Default.CommandsWait, message => Raise(message.Id));
        _timer = time.CreateTimer(_ => _ = SweepAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Of all nodes, when they were counted last.</summary>
    public int Pending => Volatile.Read(ref _left) + _local.Pending;

    public int InFlight => Volatile.Read(ref _inFlight) + _local.InFlight;

    public bool IsDurable => true;

    public void Start()
    {
        _local.Start();
        _timer.Change(s_sweepEvery, s_sweepEvery);
    }

    public void OnReady(string deviceId)
    {
        _local.OnReady(deviceId);
        if (_drains.TryGetValue(deviceId, out CommandDrain? drain))
        {
            Raise(drain);
        }
    }

    public async Task<CommandAnswer> SubmitAsync(NewCommand command)
    {
        if (!_link.IsUp && _devices.Find(command.DeviceId) is not null)
        {
            return await _local.SubmitAsync(command);
        }

        CommandAnswer answer = command.Payload.Length > DeviceCommands.MaxPayload ? new CommandAnswer(CommandRefusal.TooLong)
            : await AskAsync(() => _engine.AddAsync(command, _options, _nowMs()), static detail => new CommandAnswer(CommandRefusal.StoreFailed, null, detail));
        if (answer.Refusal != CommandRefusal.None)
        {
            _metrics.Refused(answer.Refusal);
        }

        return answer;
    }

    public async Task<CommandAnswer> FindAsync(long id) => id < FirstShared
        ? await _local.FindAsync(id)
        : await AskAsync(
            async () => await _engine.FindAsync(id) is { } command ? new CommandAnswer(CommandRefusal.None, Seen(command)) : new CommandAnswer(CommandRefusal.Unknown),
            static detail => new CommandAnswer(CommandRefusal.StoreFailed, null, detail));

    public async Task<CommandAnswer> CancelAsync(long id)
    {
        if (id < FirstShared)
        {
            return await _local.CancelAsync(id);
        }

        CommandAnswer answer = await AskAsync(() => _engine.CancelAsync(id, _nowMs()), static detail => new CommandAnswer(CommandRefusal.StoreFailed, null, detail));
        if (answer.Refusal == CommandRefusal.None)
        {
            _metrics.Ended(CommandState.Cancelled);
        }

        return answer;
    }

    /// <summary>First those in the engine, then those of the local store, whose ids are smaller.</summary>
    public Task<CommandPage> ListAsync(string deviceId, long beforeId, int limit) => AskAsync(
        async () =>
        {
            (int total, List<StoredCommand> commands) = await _engine.BeforeAsync(deviceId, beforeId, limit + 1);
            CommandPage local = await _local.ListAsync(deviceId, Math.Min(beforeId, FirstShared), limit);
            StoredCommand[] all = [.. commands.Select(Seen), .. local.Commands];
            bool more = all.Length > limit || local.More;
            return local with { Total = total + local.Total, Commands = all.Length > limit ? all[..limit] : all, More = more };
        },
        static detail => new CommandPage(CommandRefusal.StoreFailed, 0, [], false, detail));

    public async Task BeginQuietAsync(TimeSpan limit, Func<bool> isStopRequested)
    {
        _isQuiet = true;
        Interlocked.MemoryBarrier();
        long began = _time.GetTimestamp();
        await _local.BeginQuietAsync(limit, isStopRequested);
        while (Volatile.Read(ref _inFlight) > 0 && _time.GetElapsedTime(began) < limit && !isStopRequested())
        {
            await Task.Delay(s_quietPoll);
        }
    }

    public void EndQuiet()
    {
        _isQuiet = false;
        _local.EndQuiet();
        RaiseAll();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stop.Cancel();
        _stop.Dispose();
        _local.Dispose();
    }

    /// <summary>A command whose time is over is ended by the next sweep.</summary>
    private StoredCommand Seen(StoredCommand command) => command.State == CommandState.Queued && command.ExpiresAt <= _nowMs()
        ? command with { State = CommandState.Expired, EndedAt = command.ExpiresAt, Reason = CommandReasons.NotInTime }
        : command;

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<string, T> refuse)
    {
        if (_link.Reason is { } reason)
        {
            return refuse(reason);
        }

        try
        {
            return await ask();
        }
        catch (ClusterEngineException exception)
        {
            return refuse(exception.Message);
        }
    }

    private async Task SweepAsync()
    {
        try
        {
            if (_link.IsUp)
            {
                EndedCommands ended = await _engine.SweepAsync(_nowMs());
                Count(CommandState.Expired, ended.Expired);
                Count(CommandState.Failed, ended.Failed);
                Volatile.Write(ref _left, ended.Left);
            }
        }
        catch (ClusterEngineException exception)
        {
            _storeState.NoteFailed(exception);
        }

        // Drains of devices that have left are removed.
        RaiseAll();
    }

    private void Count(CommandState state, int ended)
    {
        for (int i = 0; i < ended; i++)
        {
            _metrics.Ended(state);
        }
    }
}
