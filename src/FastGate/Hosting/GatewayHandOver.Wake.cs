using System.Diagnostics;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Http.Admin;
using FastGate.Restart;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Hosting;

/// <content>Wake: the new program adopts what the one before it has left.</content>
internal sealed partial class GatewayHandOver
{
    private static readonly TimeSpan s_adoptLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(1);

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
}
