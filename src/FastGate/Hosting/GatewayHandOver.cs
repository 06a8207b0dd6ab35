using System.Diagnostics;
using System.Runtime.InteropServices;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Http.Admin;
using FastGate.Memory.Journal;
using FastGate.Restart;
using FastGate.Restart.TakeOver;
using FastGate.Transport;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The order of a restart in place: quiet, state, replacement of the program; and in the new program, wake. A step that fails before the end of the
/// old program is undone, and its connections notice nothing but the wait.
/// </summary>
internal sealed class GatewayHandOver(
    Func<RestartOptions> options,
    GatewayRestart restart,
    ConnectionServices connections,
    ITransport transport,
    GatewayListeners listeners,
    ConversationWorkers conversation,
    MemoryWriter memory,
    GatewayTools tools,
    Func<int> databaseLock,
    ILogger<GatewayHandOver> log)
{
    private const string Stopping = "the server stops";

    /// <summary>For the spoken line that ends a turn.</summary>
    private static readonly TimeSpan s_cutWait = TimeSpan.FromSeconds(3);

    private const int StopPollMs = 100;

    private static readonly TimeSpan s_saveLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_httpLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_detachLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_logLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_adoptLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(1);

    /// <summary>Set before the first restart.</summary>
    public Func<bool> IsStopRequested { get; set; } = static () => false;

    public Func<Task> FlushLog { get; set; } = static () => Task.CompletedTask;

    /// <summary>Replaces the program. Returns only when it fails, with the reason, after everything is as before.</summary>
    public async Task<string> RunAsync()
    {
        var image = ProgramImage.OfProcess();
        DetachedGateway? detached = null;
        try
        {
            detached = await DetachAsync(CancellationToken.None);
            using var state = StateMemory.Create();
            StateWriter.Write(state.Output!, detached.State);
            long bytes = state.Output!.Length;
            state.Seal();
            log.ReplacingProgram(detached.State.Connections.Count, bytes, detached.WaitedTurns, detached.CutTurns, transport.ConnectionCount);
            await Task.WhenAny(FlushLog(), Task.Delay(s_logLimit));
            if (IsStopRequested())
            {
                return Stopping;
            }

            int[] kept =
            [
                .. detached.State.Listeners.SelectMany(static listener => listener.Descriptors),
                .. detached.State.Connections.Select(static connection => connection.Descriptor),
                .. databaseLock() is >= 0 and int held ? [held] : (int[])[],
            ];
            var ticket = new StateTicket(state.Descriptor)
            {
                Lock = databaseLock(),
                Restarts = restart.Restarts + 1,
                TurnsWaited = detached.WaitedTurns,
                TurnsCut = detached.CutTurns,
            };
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
    public async Task<DetachedGateway> DetachAsync(CancellationToken stop)
    {
        if (transport is not IHandOverTransport owner)
        {
            throw new HandOverRefusedException($"the transport {transport.GetType().Name} cannot hand over its connections");
        }

        List<ConnectionState> states = [];
        connections.HandOver.Adopt = owner.Adopt;
        try
        {
            connections.HandOver.BeginQuiet();
            (int waited, int cut) = await FinishTurnsAsync();
            ThrowIfStopping();
            await tools.StopAsync();
            await SaveAsync();
            stop.ThrowIfCancellationRequested();
            await listeners.PauseHttpAsync(s_httpLimit);
            long quietAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await owner.PauseAcceptingAsync();
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
                Listeners = listeners.Sockets,
                Connections = states,
                Languages = connections.Sessions.Languages.Save(),
            };
            return new DetachedGateway(state, waited, cut);
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
        foreach (ConnectionState state in states.Where(IsClosing))
        {
            owner.Adopt(new DetachedSocket(state.Descriptor, state.UnreadInput, state.UnsentOutput), null);
        }

        connections.HandOver.Resume([.. states.Where(static state => !IsClosing(state))]);
        owner.ResumeAccepting();
        listeners.ResumeHttp();
        tools.Start();
    }

    /// <summary>Adopts what the program before this one has left: listeners first, then connections; then accepting starts.</summary>
    public async Task WakeAsync(InheritedState inherited, ConnectionDelegate handler)
    {
        if (inherited.Fault is string fault)
        {
            log.StateUnreadable(fault);
        }

        await BindAsync(inherited);
        Begin(handler);
        Adopt(inherited);
        Accept();
        _ = ReportAsync(inherited);
    }

    /// <summary>Uses the device listeners, which do not accept yet.</summary>
    public async Task BindAsync(InheritedState inherited)
    {
        if (transport is not IHandOverTransport owner)
        {
            throw new IOException($"the transport {transport.GetType().Name} cannot take over the connections of the program before");
        }

        await owner.PauseAcceptingAsync();
        await listeners.BindDevicesAsync(inherited);
    }

    /// <summary>Runs the transport, without accepting yet.</summary>
    public void Begin(ConnectionDelegate handler)
    {
        connections.HandOver.Adopt = ((IHandOverTransport)transport).Adopt;
        transport.Start(handler);
    }

    /// <summary>Adopts connections. May be called again for others.</summary>
    public void Adopt(InheritedState inherited)
    {
        var owner = (IHandOverTransport)transport;
        connections.Sessions.Languages.Restore(inherited.State.Languages);

        foreach (ConnectionState state in inherited.State.Connections)
        {
            owner.Adopt(new DetachedSocket(state.Descriptor, state.UnreadInput, state.UnsentOutput), IsClosing(state) ? null : state);
        }

        foreach (DetachedSocket socket in inherited.Closing)
        {
            owner.Adopt(socket, null);
        }
    }

    public void Accept() => ((IHandOverTransport)transport).ResumeAccepting();

    /// <summary>Waits until the loops have adopted a number of connections in all; the wait has a limit.</summary>
    public async Task AdoptedAsync(int expected)
    {
        var began = Stopwatch.StartNew();
        while (connections.Metrics.Adopted.Value < expected && began.Elapsed < s_adoptLimit)
        {
            await Task.Delay(s_pollEvery);
        }
    }

    /// <summary>Connections that only have to be closed have no handler, which would count them.</summary>
    public static bool IsClosing(ConnectionState state) => state.Phase == (byte)ConnectionPhase.Closed;

    /// <summary>When the loops have adopted all.</summary>
    private async Task ReportAsync(InheritedState inherited)
    {
        int expected = inherited.State.Connections.Count;
        await AdoptedAsync(inherited.State.Connections.Count(static state => !IsClosing(state)));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        long gap = inherited.State.QuietAtUnixMs == 0 ? 0 : Math.Max(0, now.ToUnixTimeMilliseconds() - inherited.State.QuietAtUnixMs);
        var result = new RestartResult(
            now, expected, inherited.Closing.Count, inherited.Bytes, gap, inherited.Ticket.TurnsWaited, inherited.Ticket.TurnsCut);
        restart.OnRestarted(inherited.Ticket.Restarts, result);
        log.RestartedInPlace(result.Connections, result.Bytes, result.GapMs, result.TurnsWaited, result.TurnsCut, result.Closed);
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
