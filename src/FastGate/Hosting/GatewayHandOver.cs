using System.Diagnostics;
using System.Runtime.InteropServices;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Memory.Journal;
using FastGate.Restart;
using FastGate.Restart.TakeOver;
using FastGate.Transport;
using FastGate.Transport.HandOver;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The order of a restart in place: quiet, state, replacement of the program; and in the new program, wake. A step that fails before the end of the
/// old program is undone, and its connections notice nothing but the wait.
/// </summary>
internal sealed partial class GatewayHandOver(
    Func<RestartOptions> options,
    GatewayRestart restart,
    ConnectionServices connections,
    ITransport transport,
    GatewayListeners listeners,
    ConversationWorkers conversation,
    MemoryWriter memory,
    FleetControl control,
    GatewayTools tools,
    Func<int> databaseLock,
    ILogger<GatewayHandOver> log)
{
    private const string Stopping = "the server stops";

    /// <summary>For the spoken line that ends a turn.</summary>
    private static readonly TimeSpan s_cutWait = TimeSpan.FromSeconds(3);

    private const int StopPollMs = 100;

    private static readonly TimeSpan s_saveLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_fleetLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_httpLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_detachLimit = TimeSpan.FromSeconds(2);

    /// <summary>For the close handshakes of devices with TLS, on slow links too.</summary>
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_logLimit = TimeSpan.FromMilliseconds(500);

    // Traces, logs and metrics one after the other, each with the limit of GatewayHost. Connections are served meanwhile; only new turns wait.
    private static readonly TimeSpan s_telemetryLimit = TimeSpan.FromSeconds(3);

    /// <summary>Set before the first restart.</summary>
    public Func<bool> IsStopRequested { get; set; } = static () => false;

    /// <summary>See <see cref="GatewayState.NodeIncarnation"/>. Set before the first restart.</summary>
    public Func<long> NodeIncarnation { get; set; } = static () => 0;

    public Func<Task> FlushLog { get; set; } = static () => Task.CompletedTask;

    /// <summary>May take as long as the receiver of the telemetry: the connections are served meanwhile.</summary>
    public Func<Task> FlushTelemetry { get; set; } = static () => Task.CompletedTask;

    /// <summary>Replaces the program. Returns only when it fails, with the reason, after everything is as before.</summary>
    public async Task<string> RunAsync()
    {
        var image = ProgramImage.OfProcess();
        DetachedGateway? detached = null;
        try
        {
            using var state = StateMemory.Create();
            var writer = new StateWriter(state.Output!);
            int early = 0;
            detached = await DetachAsync(
                CancellationToken.None,
                states =>
                {
                    early = states.Count;
                    writer.Add(states);
                });
            long writing = Stopwatch.GetTimestamp();
            writer.Add(detached.State.Connections.Skip(early));
            writer.Finish(detached.State);
            long bytes = state.Output!.Length;
            state.Seal();
            log.ReplacingProgram(detached.State.Connections.Count, bytes, detached.WaitedTurns, detached.CutTurns, transport.ConnectionCount);
            control.NoteReplacement();
            await Task.WhenAny(FlushLog(), Task.Delay(s_logLimit));
            if (IsStopRequested())
            {
                return Stopping;
            }

            var ticket = new StateTicket(state.Descriptor)
            {
                Lock = databaseLock(),
                Restarts = restart.Restarts + 1,
                TurnsWaited = detached.WaitedTurns,
                TurnsCut = detached.CutTurns,
                Closed = detached.Closed,
                Active = detached.State.Connections.Count - early,
                Took = (detached.IdleMs, detached.ActiveMs, (int)Stopwatch.GetElapsedTime(writing).TotalMilliseconds),
                ReplacedAtUnixMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            };
            int[] kept =
            [
                .. detached.State.Listeners.SelectMany(static listener => listener.Descriptors),
                .. detached.State.Connections.Select(static connection => connection.Descriptor),
                .. databaseLock() is >= 0 and int held ? [held] : (int[])[],
            ];
            int error = ProgramReplacement.Execute(image, ticket, kept);
            return $"{image.Path} could not replace this program: {Marshal.GetPInvokeErrorMessage(error)}";
        }
        catch (HandOverRefusedException refused)
        {
            return refused.Message;
        }
        finally
        {
            // Only a failure comes here.
            if (detached is not null)
            {
                Resume(detached.State.Connections);
            }
        }
    }

    /// <summary>
    /// Stops accepting, finishes or cuts the turns, commits memory and takes all connections out of the transport. An exception leaves everything as
    /// before; <see cref="HandOverRefusedException"/> says why.
    /// </summary>
    /// <param name="stop">Undoes everything.</param>
    /// <param name="early">Called with the idle connections while the others are still served; they are the first ones in the result.</param>
    public async Task<DetachedGateway> DetachAsync(CancellationToken stop, Action<IReadOnlyList<ConnectionState>>? early = null)
    {
        if (transport is not IHandOverTransport owner)
        {
            throw new HandOverRefusedException($"the transport {transport.GetType().Name} cannot hand over its connections");
        }

        List<ConnectionState> states = [];
        connections.HandOver.Adopt = owner.Adopt;
        connections.HandOver.DetachingRoom = () => owner.DetachingRoom;
        try
        {
            connections.HandOver.BeginQuiet();
            Task answered = control.BeginQuietAsync(options().TurnWait, () => IsStopRequested());
            (int waited, int cut) = await FinishTurnsAsync();
            await answered;
            ThrowIfStopping();
            await tools.StopAsync();
            await SaveAsync();
            stop.ThrowIfCancellationRequested();
            await Task.WhenAny(FlushTelemetry(), Task.Delay(s_telemetryLimit));
            await connections.Fleet.FlushAsync(s_fleetLimit);
            await listeners.PauseHttpAsync(s_httpLimit);
            long quietAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await owner.PauseAcceptingAsync();
            int closed = 0;
            if (connections.Tls is { IsUsed: true })
            {
                closed = await connections.HandOver.CloseHeldAsync(s_closeLimit);
                if (closed > 0)
                {
                    log.TlsClosed(closed);
                }

                quietAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            }

            long began = Stopwatch.GetTimestamp();
            states.AddRange(await connections.HandOver.DetachIdleAsync(s_detachLimit));
            early?.Invoke([.. states]);
            int idleMs = (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            began = Stopwatch.GetTimestamp();
            states.AddRange(await connections.HandOver.DetachAllAsync(s_detachLimit));
            states.AddRange((await owner.DetachClosingAsync()).Select(static socket => new ConnectionState
            {
                Descriptor = socket.Descriptor,
                UnreadInput = socket.UnreadInput,
                UnsentOutput = socket.UnsentOutput,
                Phase = (byte)ConnectionPhase.Closed,
            }));
            await SaveAsync();
            stop.ThrowIfCancellationRequested();
            var state = new GatewayState
            {
                QuietAtUnixMs = quietAt,
                NodeIncarnation = NodeIncarnation(),
                Listeners = listeners.Sockets,
                Connections = states,
                Languages = connections.Sessions.Languages.Save(),
            };
            return new DetachedGateway(state, waited, cut, idleMs, (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds) { Closed = closed };
        }
        catch
        {
            Resume(states);
            throw;
        }
    }

    /// <summary>Undoes <see cref="DetachAsync"/> for these connections; the others belong to another process.</summary>
    public void Resume(IReadOnlyList<ConnectionState> states)
    {
        var owner = (IHandOverTransport)transport;
        foreach (ConnectionState state in states.Where(InheritedState.IsClosing))
        {
            owner.Adopt(new DetachedSocket(state.Descriptor, state.UnreadInput, state.UnsentOutput), null);
        }

        connections.HandOver.Resume([.. states.Where(static state => !InheritedState.IsClosing(state))]);
        owner.ResumeAccepting();
        listeners.ResumeHttp();
        tools.Start();
        control.EndQuiet();
    }

    private async Task<(int Waited, int Cut)> FinishTurnsAsync()
    {
        int begun = Turns();
        long until = Environment.TickCount64 + (long)options().TurnWait.TotalMilliseconds;
        do
        {
            // In short waits, because a stop must not wait for it.
            if (await connections.HandOver.WaitForTurnsAsync(TimeSpan.FromMilliseconds(Math.Clamp(until - Environment.TickCount64, 0, StopPollMs))))
            {
                return (begun, 0);
            }
        }
        while (Environment.TickCount64 < until && !IsStopRequested());
        if (IsStopRequested())
        {
            return (0, 0);
        }

        int cut = Turns();
        connections.HandOver.CutTurns();
        await connections.HandOver.WaitForTurnsAsync(s_cutWait);
        return (Math.Max(0, begun - cut), cut);
    }

    private int Turns()
    {
        ConversationStatus status = conversation.Status;
        return status.InFlight + status.Waiting;
    }

    private async Task SaveAsync()
    {
        using var limit = new CancellationTokenSource(s_saveLimit);
        try
        {
            await memory.FlushAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new HandOverRefusedException("the memory could not be saved");
        }

        ThrowIfStopping();
    }

    private void ThrowIfStopping()
    {
        if (IsStopRequested())
        {
            throw new HandOverRefusedException(Stopping);
        }
    }
}
