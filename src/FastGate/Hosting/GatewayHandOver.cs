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
    /// <summary>For the spoken line that ends a turn.</summary>
    private static readonly TimeSpan s_cutWait = TimeSpan.FromSeconds(3);

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
        if (transport is not IHandOverTransport owner)
        {
            return $"the transport {transport.GetType().Name} cannot hand over its connections";
        }

        var image = ProgramImage.OfProcess();
        IReadOnlyList<ConnectionState> states = [];
        IReadOnlyList<DetachedSocket> closing = [];
        connections.HandOver.Adopt = owner.Adopt;
        try
        {
            connections.HandOver.BeginQuiet();
            (int waited, int cut) = await FinishTurnsAsync();
            await tools.StopAsync();
            if (!await SaveAsync())
            {
                return "the memory could not be saved";
            }

            if (IsStopRequested())
            {
                return "the server stops";
            }

            await listeners.PauseHttpAsync(s_httpLimit);
            long quietAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await owner.PauseAcceptingAsync();
            states = await connections.HandOver.DetachAllAsync(s_detachLimit);
            closing = await owner.DetachClosingAsync();
            if (!await SaveAsync())
            {
                return "the memory could not be saved";
            }

            IReadOnlyList<ListenerState> sockets = listeners.Sockets;
            using var state = StateMemory.Create();
            Write(state.Output!, quietAt, sockets, states, closing);
            long bytes = state.Output!.Length;
            state.Seal();
            int left = owner.ConnectionCount;
            log.ReplacingProgram(states.Count + closing.Count, bytes, waited, cut, left);
            await Task.WhenAny(FlushLog(), Task.Delay(s_logLimit));
            if (IsStopRequested())
            {
                return "the server stops";
            }

            int[] kept =
            [
                .. sockets.SelectMany(static listener => listener.Descriptors),
                .. states.Select(static connection => connection.Descriptor),
                .. closing.Select(static socket => socket.Descriptor),
                .. databaseLock() is >= 0 and int held ? [held] : (int[])[],
            ];
            var ticket = new StateTicket(state.Descriptor)
            {
                Restarts = restart.Restarts + 1,
                TurnsWaited = waited,
                TurnsCut = cut,
            };
            int error = ProgramReplacement.Execute(image, ticket, kept);
            return $"{image.Path} could not replace this program: {Marshal.GetPInvokeErrorMessage(error)}";
        }
        finally
        {
            // Only a failure comes here.
            foreach (DetachedSocket socket in closing)
            {
                owner.Adopt(socket, null);
            }

            connections.HandOver.Resume(states);
            owner.ResumeAccepting();
            listeners.ResumeHttp();
            tools.Start();
        }
    }

    /// <summary>Adopts what the program before this one has left: listeners first, then connections; then accepting starts.</summary>
    public async Task WakeAsync(InheritedState inherited, ConnectionDelegate handler)
    {
        if (inherited.Fault is string fault)
        {
            log.StateUnreadable(fault);
        }

        if (transport is not IHandOverTransport owner)
        {
            throw new IOException($"the transport {transport.GetType().Name} cannot take over the connections of the program before");
        }

        await owner.PauseAcceptingAsync();
        await listeners.BindDevicesAsync(inherited);
        connections.Sessions.Languages.Restore(inherited.State.Languages);

        connections.HandOver.Adopt = owner.Adopt;
        owner.Start(handler);
        foreach (ConnectionState state in inherited.State.Connections)
        {
            bool isClosing = state.Phase == (byte)ConnectionPhase.Closed;
            owner.Adopt(new DetachedSocket(state.Descriptor, state.UnreadInput, state.UnsentOutput), isClosing ? null : state);
        }

        foreach (DetachedSocket socket in inherited.Closing)
        {
            owner.Adopt(socket, null);
        }

        owner.ResumeAccepting();
        _ = ReportAsync(inherited, owner);
    }

    /// <summary>When the loops have adopted all.</summary>
    private async Task ReportAsync(InheritedState inherited, IHandOverTransport owner)
    {
        int expected = inherited.State.Connections.Count;
        var began = Stopwatch.StartNew();
        while (connections.Metrics.Adopted.Value + inherited.State.Connections.Count(static state => state.Phase == (byte)ConnectionPhase.Closed) < expected
            && began.Elapsed < s_adoptLimit)
        {
            await Task.Delay(s_pollEvery);
        }

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
        if (await connections.HandOver.WaitForTurnsAsync(options().TurnWait))
        {
            return (begun, 0);
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

    private async Task<bool> SaveAsync()
    {
        using var limit = new CancellationTokenSource(s_saveLimit);
        try
        {
            await memory.FlushAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Write(
        Stream output, long quietAt, IReadOnlyList<ListenerState> sockets, IReadOnlyList<ConnectionState> states, IReadOnlyList<DetachedSocket> closing)
    {
        var writer = new StateWriter(output);
        foreach (ListenerState listener in sockets)
        {
            writer.Add(listener);
        }

        foreach (ConnectionState state in states)
        {
            writer.Add(state);
        }

        foreach (DetachedSocket socket in closing)
        {
            writer.Add(new ConnectionState
            {
                Descriptor = socket.Descriptor,
                UnreadInput = socket.UnreadInput,
                UnsentOutput = socket.UnsentOutput,
                Phase = (byte)ConnectionPhase.Closed,
            });
        }

        foreach (DeviceLanguageState language in connections.Sessions.Languages.Save())
        {
            writer.Add(language);
        }

        writer.Finish(quietAt);
    }
}
