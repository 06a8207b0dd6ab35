using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Timers;
using FastGate.Transport.Concurrency;
using FastGate.Transport.HandOver;

namespace FastGate.Connections;

/// <summary>
/// Takes all connections out of this process for the next image of the server, in steps: quiet, wait for turns, cut turns, detach; or resume. One
/// caller at a time; connections deliver themselves from any loop.
/// </summary>
/// <remarks>
/// Every connection that is not registered has a deadline, so the registry and the timer wheel together know all of them, and no other list costs a
/// device anything.
/// <para>
/// A connection that leaves early pushes its state and then reads whether the quiet still holds; <see cref="Resume"/> ends the quiet and then takes
/// the states. Both have a full fence in between, so at least one of them sees the other, and the exchange gives each state to one of them.
/// </para>
/// </remarks>
internal sealed class ConnectionHandOver(
    ConnectionRegistry<DeviceConnection> registry, TimerThread timers, SessionServices sessions, ConnectionMetrics metrics)
{
    private static readonly TimeSpan s_turnPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_detachPoll = TimeSpan.FromMilliseconds(2);

    /// <summary>Connections change their phase during the hand-over, so they are listed again at this interval.</summary>
    private static readonly TimeSpan s_listAgain = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait for the sound of a listening device. A speech worker saves it within 20 ms; all devices wait meanwhile.</summary>
    private static readonly TimeSpan s_soundWait = TimeSpan.FromMilliseconds(300);

    /// <summary>A device that talks, listens or pings every second is in use.</summary>
    private static readonly TimeSpan s_idleAge = TimeSpan.FromSeconds(3);

    private IntrusiveStack<HandedOverConnection> _delivered;

    /// <summary>The connections that were in use when the idle ones left; to list them again takes up to a tick of the timer wheel. Owned by the caller.</summary>
    private HashSet<DeviceConnection>? _listed;

    /// <summary>Gives a socket back to the transport: <see cref="IHandOverTransport.Adopt"/>. Set before <see cref="BeginQuiet"/>.</summary>
    public Action<DetachedSocket, object?> Adopt { get; set; } = static (_, _) => throw new InvalidOperationException("No transport adopts connections.");

    /// <summary><see cref="IHandOverTransport.DetachingRoom"/>. Set before <see cref="BeginQuiet"/>.</summary>
    public Func<int> DetachingRoom { get; set; } = static () => int.MaxValue;

    /// <summary>No new turn begins. A connection whose device asks for one detaches and waits, with the message as unread input.</summary>
    public void BeginQuiet() => sessions.IsQuiet = true;

    /// <summary>Waits until no reply is being made.</summary>
    /// <returns>False at the limit.</returns>
    public async Task<bool> WaitForTurnsAsync(TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            // A turn from partial words would wait until its user has finished.
            sessions.Conversation.DropEarly();
            if (!sessions.HasTurns)
            {
                return true;
            }

            if (Environment.TickCount64 >= deadline)
            {
                return false;
            }

            await Task.Delay(s_turnPoll);
        }
    }

    /// <summary>Cuts the turns that have not ended; their devices hear why. <see cref="WaitForTurnsAsync"/> waits for that line.</summary>
    public void CutTurns()
    {
        foreach (DeviceConnection connection in registry)
        {
            connection.CutTurn();
        }
    }

    /// <summary>Closes the connections that cannot leave with 1012, while the others are served. Accepting must be paused, because their devices connect again.</summary>
    /// <returns>Their number.</returns>
    public async Task<int> CloseHeldAsync(TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        List<DeviceConnection> held = [.. (await ListAsync(deadline)).Where(static connection => !connection.CanLeave)];
        held.ForEach(static connection => connection.RequestClose(ConnectionEndReason.RestartLost));
        while (held.Exists(static connection => connection.Phase != ConnectionPhase.Closed) && Environment.TickCount64 < deadline)
        {
            await Task.Delay(s_turnPoll);
        }

        return held.Count;
    }

    /// <summary>
    /// Takes the connections from the transport that have been silent for a while, as <see cref="DetachAllAsync"/> does, while the others are served.
    /// </summary>
    public async Task<IReadOnlyList<ConnectionState>> DetachIdleAsync(TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        HashSet<DeviceConnection> all = await ListAsync(deadline);
        List<DeviceConnection> idle = [.. all.Where(static connection => connection.IsIdleFor(s_idleAge))];
        all.ExceptWith(idle);
        _listed = all;
        long open = metrics.Open;
        int asked = idle.Count - await AskAsync(idle, deadline);
        while (metrics.Open > open - asked && Environment.TickCount64 < deadline)
        {
            await Task.Delay(s_detachPoll);
        }

        return await TakeStatesAsync();
    }

    /// <summary>
    /// Takes all connections from the transport. Accepting must be paused. A connection that ends meanwhile is not in the result; neither is one that
    /// its transport cannot detach, and one that has not answered at the limit.
    /// </summary>
    public async Task<IReadOnlyList<ConnectionState>> DetachAllAsync(TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        bool isDone;
        do
        {
            int held = await AskAllAsync(deadline);
            long listAgainAt = Math.Min(deadline, Environment.TickCount64 + (long)s_listAgain.TotalMilliseconds);
            while (!(isDone = metrics.Open <= held) && Environment.TickCount64 < listAgainAt)
            {
                await Task.Delay(s_detachPoll);
            }
        }
        while (!isDone && Environment.TickCount64 < deadline);

        return await TakeStatesAsync();
    }

    /// <summary>The restart does not happen: turns begin again, and the transport gets back every connection that has left.</summary>
    /// <param name="detached">The result of <see cref="DetachAllAsync"/>, if it came so far.</param>
    public void Resume(IReadOnlyList<ConnectionState> detached)
    {
        sessions.IsQuiet = false;
        _listed = null;
        Interlocked.MemoryBarrier();
        foreach (ConnectionState state in detached)
        {
            AdoptAgain(state);
        }

        TakeDelivered().ForEach(connection => AdoptAgain(connection.State));
    }

    /// <summary>The loop of the connection, which has detached its socket.</summary>
    public void Deliver(HandedOverConnection connection)
    {
        _delivered.Push(connection);
        if (!sessions.IsQuiet)
        {
            TakeDelivered().ForEach(connection => AdoptAgain(connection.State));
        }
    }

    /// <returns>The number of connections that cannot be detached.</returns>
    private async Task<int> AskAllAsync(long deadline) => await AskAsync(Interlocked.Exchange(ref _listed, null) ?? await ListAsync(deadline), deadline);

    /// <returns>The number of connections that cannot be detached.</returns>
    private async Task<int> AskAsync(IReadOnlyCollection<DeviceConnection> connections, long deadline)
    {
        int held = 0;
        int asked = 0;
        long open = metrics.Open;
        foreach (DeviceConnection connection in connections)
        {
            // Connections that end meanwhile count as detached, so that the bound is approximate.
            while (asked - (open - metrics.Open) >= DetachingRoom() && Environment.TickCount64 < deadline)
            {
                await Task.Delay(s_detachPoll);
            }

            bool isAsked = connection.TryAskToLeave();
            asked += isAsked ? 1 : 0;
            held += isAsked ? 0 : 1;
        }

        return held;
    }

    private async Task<HashSet<DeviceConnection>> ListAsync(long deadline)
    {
        var left = TimeSpan.FromMilliseconds(Math.Max(1, deadline - Environment.TickCount64));
        Task<List<TimerEntry>> listing = timers.ListAsync();
        await Task.WhenAny(listing, Task.Delay(left));
        HashSet<DeviceConnection> connections = listing.IsCompletedSuccessfully ? [.. listing.Result.OfType<DeviceConnection>()] : [];
        foreach (DeviceConnection connection in registry)
        {
            connections.Add(connection);
        }

        return connections;
    }

    private async Task<IReadOnlyList<ConnectionState>> TakeStatesAsync()
    {
        List<HandedOverConnection> delivered = TakeDelivered();
        await Task.WhenAny(Task.WhenAll(delivered.Select(static connection => connection.Ready)), Task.Delay(s_soundWait));
        return [.. delivered.Select(static connection => connection.State)];
    }

    private List<HandedOverConnection> TakeDelivered()
    {
        List<HandedOverConnection> delivered = [];
        for (HandedOverConnection? connection = _delivered.TakeAllInOrder(); connection is not null; connection = connection.Next)
        {
            delivered.Add(connection);
        }

        return delivered;
    }

    private void AdoptAgain(ConnectionState state) => Adopt(new DetachedSocket(state.Descriptor, state.UnreadInput, state.UnsentOutput), state);
}
