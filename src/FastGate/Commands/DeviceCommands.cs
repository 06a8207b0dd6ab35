using System.Collections.Concurrent;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory;
using Microsoft.Extensions.Logging;

namespace FastGate.Commands;

/// <summary>
/// Commands of operators to devices. A command is stored before it is accepted, waits until its device is ready, and is sent in the order of its
/// device's commands, one at a time. It is marked as sent before it is sent, and never sent twice: a tool may have acted although its answer was lost.
/// </summary>
/// <remarks>
/// The worker owns all state. An event loop reads <see cref="_queues"/> at a hello, which finds nothing unless commands wait for that device.
/// <para>
/// No report of a device is lost: the worker adds the queue and then looks at the device; the device becomes ready and then looks for its queue. Both
/// have a full fence in between, so one of them sees the other.
/// </para>
/// </remarks>
internal sealed partial class DeviceCommands : IDeviceCommands
{
    /// <summary>Bytes of the arguments or of the raw message: what the queue of a device takes beside its turn.</summary>
    public const int MaxPayload = 8 * 1024;

    /// <summary>Ended commands that are kept at most, whatever their age.</summary>
    public const int MostEnded = 10_000;

    private const int MostRequests = 1_000;
    private const string SentBeforeEnd =
        "unknown outcome: the server ended before the device answered; the command was not sent again, because the device may have carried it out";

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_quietPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_stopWait = TimeSpan.FromSeconds(2);

    private readonly CommandStore _store;
    private readonly ICommandDevices _devices;
    private readonly CommandOptions _options;
    private readonly CommandMetrics _metrics;
    private readonly ILogger _log;
    private readonly CommandStoreState _storeState;
    private readonly TimeProvider _time;
    private readonly CommandWorker _worker;
    private readonly ITimer _timer;

    /// <summary>Changed by the worker; read by event loops.</summary>
    private readonly ConcurrentDictionary<string, DeviceQueue> _queues = new(StringComparer.Ordinal);

    // Set by any thread.
    private volatile bool _isQuiet;

    // Written by the worker, read by any thread.
    private int _pending;
    private int _inFlight;

    // Owned by the worker.
    private readonly Dictionary<long, LinkedListNode<WaitingCommand>> _waiting = [];
    private readonly SortedSet<(long ExpiresAt, long Id)> _expiries = [];
    private readonly Queue<(long Id, long At, CommandResult Result)> _unsaved = new();
    private readonly HashSet<DeviceQueue> _retries = [];
    private long _lastId;
    private int _endedSinceDeletion;
    private bool _isLoaded;
    private bool _isLoadDue;

    public DeviceCommands(
        CommandStore store, ICommandDevices devices, CommandOptions options, CommandMetrics metrics, ILogger<DeviceCommands> log, TimeProvider time)
    {
        _store = store;
        _devices = devices;
        _options = options;
        _metrics = metrics;
        _log = log;
        _storeState = new CommandStoreState(log);
        _time = time;
        _worker = new CommandWorker(MostRequests, log);
        _timer = time.CreateTimer(_ => _worker.Post(OnTimer), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Commands that have not ended. Any thread.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Commands that a device has and has not answered. Any thread.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether commands survive the end of the process.</summary>
    public bool IsDurable => _store.IsDurable;

    /// <summary>Any thread.</summary>
    public bool Waits(string deviceId) => _queues.ContainsKey(deviceId);

    /// <summary>Finds the commands of the process before this one. After adopted connections are registered.</summary>
    public void Start()
    {
        if (_store.MayHaveCommands)
        {
            _worker.Post(Load);
        }
    }

    /// <summary>A device has become ready: it said hello, or its tools are listed. Any thread, an event loop too.</summary>
    public void OnReady(string deviceId)
    {
        Interlocked.MemoryBarrier();
        if (_queues.TryGetValue(deviceId, out DeviceQueue? queue) && queue.TryRaise())
        {
            PostDelivery(queue);
        }
    }

    /// <summary>Stores a command, and sends it when its device is ready.</summary>
    public async Task<CommandAnswer> SubmitAsync(NewCommand command)
    {
        CommandAnswer answer = await AskAsync(() => Submit(command), static (refusal, detail) => new CommandAnswer(refusal, null, detail));
        if (answer.Refusal != CommandRefusal.None)
        {
            _metrics.Refused(answer.Refusal);
        }

        return answer;
    }

    public Task<CommandAnswer> FindAsync(long id) => AskAsync(
        () => _store.Find(id) is { } found ? new CommandAnswer(CommandRefusal.None, found) : new CommandAnswer(CommandRefusal.Unknown),
        static (refusal, detail) => new CommandAnswer(refusal, null, detail));

    /// <summary>Withdraws a command that was not sent.</summary>
    public Task<CommandAnswer> CancelAsync(long id) =>
        AskAsync(() => Cancel(id), static (refusal, detail) => new CommandAnswer(refusal, null, detail));

    /// <summary>The commands of a device with ids below <paramref name="beforeId"/>, newest first.</summary>
    public Task<CommandPage> ListAsync(string deviceId, long beforeId, int limit) => AskAsync(
        () =>
        {
            List<StoredCommand> commands = _store.Before(deviceId, beforeId, limit + 1);
            bool more = commands.Count > limit;
            return new CommandPage(CommandRefusal.None, _store.CountOf(deviceId), more ? commands[..limit] : commands, more);
        },
        static (refusal, detail) => new CommandPage(refusal, 0, [], false, detail));

    /// <summary>Before a restart: sends no more commands and waits for the answers to those that were sent, within a limit.</summary>
    public async Task BeginQuietAsync(TimeSpan limit, Func<bool> isStopRequested)
    {
        _isQuiet = true;
        long began = _time.GetTimestamp();

        // What the worker does now may still send a command.
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_worker.Post(reached.SetResult))
        {
            await reached.Task;
        }

        while (InFlight > 0 && _time.GetElapsedTime(began) < limit && !isStopRequested())
        {
            await Task.Delay(s_quietPoll);
        }

        if (!IsDurable && Pending > 0)
        {
            _log.CommandsLost(Pending);
        }
    }

    /// <summary>The restart did not happen.</summary>
    public void EndQuiet()
    {
        _isQuiet = false;
        _worker.Post(DeliverAll);
    }

    /// <summary>Commands that wait are found by the next process; without a database they are lost.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        if (_worker.Close(s_stopWait))
        {
            if (!IsDurable && Pending > 0 && !_isQuiet)
            {
                _log.CommandsLost(Pending);
            }

            _store.Dispose();
        }
    }

    /// <summary>Apart from <see cref="OnReady"/>, which must not allocate a closure for the other devices.</summary>
    private void PostDelivery(DeviceQueue queue) => _worker.Post(() =>
    {
        queue.Lower();
        Deliver(queue);
    });

    private async Task<T> AskAsync<T>(Func<T> ask, Func<CommandRefusal, string?, T> refuse)
    {
        // Continuations must not run on the worker.
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool posted = _worker.TryPost(() =>
        {
            try
            {
                Open();
                T result = ask();
                _storeState.NoteRecovered();
                answer.SetResult(result);
            }
            catch (MemoryStoreException exception)
            {
                _storeState.NoteFailed(exception);
                answer.SetResult(refuse(CommandRefusal.StoreFailed, exception.Message));
            }
            catch (Exception exception)
            {
                answer.SetException(exception);
            }
        });
        return posted ? await answer.Task : refuse(CommandRefusal.Busy, null);
    }
}
