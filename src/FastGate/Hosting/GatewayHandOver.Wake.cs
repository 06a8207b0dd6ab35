using FastGate.Diagnostics;
using FastGate.Http.Admin;
using FastGate.Restart;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Hosting;

/// <content>Wake: the new program adopts what the one before it has left.</content>
internal sealed partial class GatewayHandOver
{
    /// <summary>Adopts what the program before this one has left: listeners first, then connections; then accepting starts.</summary>
    /// <param name="inherited">What the program before has left.</param>
    /// <param name="handler">Serves a connection.</param>
    /// <param name="load">What new connections need and adopted ones do not: it would delay these.</param>
    public async Task WakeAsync(InheritedState inherited, ConnectionDelegate handler, Func<Task> load)
    {
        if (inherited.Fault is string fault)
        {
            log.StateUnreadable(fault);
        }

        await BindAsync(inherited);
        Begin(handler);
        long began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await AdoptAsync(inherited);
        Report(inherited, began);
        await load();
        Accept();
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

    /// <summary>Adopts connections, until each has been adopted. May be called again for others.</summary>
    public async Task AdoptAsync(InheritedState inherited)
    {
        connections.Sessions.Languages.Restore(inherited.State.Languages);
        await ((IHandOverTransport)transport).AdoptAsync(inherited);
        inherited.Dispose();
    }

    public void Accept() => ((IHandOverTransport)transport).ResumeAccepting();

    private void Report(InheritedState inherited, long began)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        long ended = now.ToUnixTimeMilliseconds();
        long gap = inherited.State.QuietAtUnixMs == 0 ? 0 : Math.Max(0, ended - inherited.State.QuietAtUnixMs);
        StateTicket ticket = inherited.Ticket;
        var result = new RestartResult(
            now, inherited.Count - inherited.ClosedCount, inherited.ClosedCount + ticket.Closed, inherited.Bytes, gap, ticket.TurnsWaited, ticket.TurnsCut);
        restart.OnRestarted(ticket.Restarts, result);
        log.RestartedInPlace(result.Connections, result.Bytes, result.GapMs, result.TurnsWaited, result.TurnsCut, result.Closed);
        if (ticket.ReplacedAtUnixMs > 0)
        {
            long activeAt = inherited.ActiveReadAt == 0 ? ended : inherited.ActiveReadAt;
            log.RestartSteps(
                ticket.Took.Idle,
                ticket.Took.Active,
                ticket.Active,
                ticket.Took.Write,
                inherited.TakenAt - ticket.ReplacedAtUnixMs,
                began - inherited.TakenAt,
                activeAt - began,
                ended - activeAt);
        }
    }
}
