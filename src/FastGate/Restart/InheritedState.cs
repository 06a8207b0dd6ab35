using System.Buffers;
using FastGate.Connections;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Transport.HandOver;

namespace FastGate.Restart;

/// <summary>
/// What the program before this one has left: listening sockets, connections with their state, and connections that can only be closed. Every
/// descriptor is in one of them.
/// </summary>
internal sealed class InheritedState : IAdoptionSource, IDisposable
{
    /// <summary>How the system names the file of <see cref="StateMemory"/>.</summary>
    private const string MemoryFile = "/memfd:fastgate-state";

    private readonly StateTable? _table;
    private readonly StateView? _view;
    private readonly IReadOnlyList<ConnectionState> _connections = [];
    private readonly IReadOnlyList<DetachedSocket> _closing;
    private int _closed;

    private InheritedState(StateTicket ticket, StateTable table, StateView? view, long bytes, IReadOnlyList<DetachedSocket> closing)
    {
        (Ticket, _table, _view, Bytes, _closing, State) = (ticket, table, view, bytes, closing, table.State);
        Fault = table.Fault == StateFault.None ? null : table.Fault.ToString();
    }

    private InheritedState(ReadState read)
    {
        (Ticket, State, _connections) = (new StateTicket(-1), read.State, read.State.Connections);
        Fault = read.Fault == StateFault.None ? null : read.Fault.ToString();
        _closing = [.. read.Unreadable.Select(Closed)];
    }

    public StateTicket Ticket { get; }

    /// <summary>What belongs to no connection.</summary>
    public GatewayState State { get; }

    /// <summary>Size of the state.</summary>
    public long Bytes { get; }

    /// <summary>Why nothing of the state could be read; null when it could.</summary>
    public string? Fault { get; }

    /// <summary>Number of connections, with those that can only be closed.</summary>
    public int Count => (_table?.Connections ?? _connections.Count) + _closing.Count;

    /// <summary>Connections read so far whose state was not readable. They get the Close frame of status 1012 as the end of their output.</summary>
    public int ClosedCount => Volatile.Read(ref _closed);

    /// <summary>When this program had begun, in milliseconds of Unix time.</summary>
    public long TakenAt { get; private init; }

    /// <summary>When the connections that were in use had been read, in milliseconds of Unix time; 0 before.</summary>
    public long ActiveReadAt { get; private set; }

    /// <summary>What another process has passed. Its descriptors belong to this process and close on exec.</summary>
    public static InheritedState Of(ReadState read) => new(read);

    /// <summary>Null when this program was started and did not replace another. Called before the program opens a socket or starts a process.</summary>
    public static InheritedState? Take() => StateTicket.Take() is { } ticket && OperatingSystem.IsLinux() ? Take(ticket) : null;

    public static InheritedState? Take(StateTicket ticket)
    {
        long takenAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        if (InheritedDescriptors.TargetOf(ticket.Descriptor)?.StartsWith(MemoryFile, StringComparison.Ordinal) != true)
        {
            // A variable of another origin: nothing was inherited.
            return null;
        }

        using var memory = StateMemory.Open(ticket.Descriptor);
        StateView? view = memory.TryMap();
        StateTable table = StateReader.ReadTable(view is null ? default : view.Bytes);
        List<DetachedSocket> closing = [];
        if (table.Fault != StateFault.None)
        {
            // No entry says which sockets are connections, so all are closed with a Close frame. In the middle of another frame the client sees a violation and drops the connection.
            foreach ((int descriptor, bool isListener) in InheritedDescriptors.Sockets())
            {
                if (isListener)
                {
                    InheritedDescriptors.Close(descriptor);
                }
                else
                {
                    closing.Add(Closed(new UnreadableConnection(descriptor, UnreadableReason.Damaged, TakesClose: true, default)));
                }
            }
        }

        // No child process may inherit a descriptor. Adoption sets the flag on connections, and no child is started before all of them are adopted.
        IEnumerable<int> kept = table.State.Listeners.SelectMany(static listener => listener.Descriptors);
        foreach (int descriptor in ticket.Lock >= 0 ? kept.Append(ticket.Lock) : kept)
        {
            InheritedDescriptors.SetCloseOnExec(descriptor);
        }

        return new InheritedState(ticket, table, view, memory.Length, closing) { TakenAt = takenAt };
    }

    /// <inheritdoc/>
    public DetachedSocket Read(int index, out object? state)
    {
        int readable = Count - _closing.Count;
        if (index >= readable)
        {
            state = null;
            Interlocked.Increment(ref _closed);
            DetachedSocket socket = _closing[index - readable];
            InheritedDescriptors.SetCloseOnExec(socket.Descriptor);
            return socket;
        }

        // The connections that were in use are the last that were written.
        int entry = readable - 1 - index;
        UnreadableConnection? unreadable = null;
        ConnectionState? connection = _table is null ? _connections[entry] : _table.Read(_view!.Bytes, entry, out unreadable);
        if (index == Ticket.Active)
        {
            ActiveReadAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        }

        InheritedDescriptors.SetCloseOnExec(connection?.Descriptor ?? unreadable!.Descriptor);
        if (connection is null)
        {
            state = null;
            Interlocked.Increment(ref _closed);
            return Closed(unreadable!);
        }

        state = IsClosing(connection) ? null : connection;
        return new DetachedSocket(connection.Descriptor, connection.UnreadInput, connection.UnsentOutput);
    }

    /// <summary>A connection that only has to be closed has no handler, which would count it.</summary>
    public static bool IsClosing(ConnectionState state) => state.Phase == (byte)ConnectionPhase.Closed;

    /// <summary>After all connections are read.</summary>
    public void Dispose() => _view?.Dispose();

    /// <summary>The listening sockets of a listener; none when it had none.</summary>
    public IReadOnlyList<int> ListenersOf(string name) =>
        State.Listeners.FirstOrDefault(listener => listener.Name == name)?.Descriptors ?? [];

    private static DetachedSocket Closed(UnreadableConnection connection)
    {
        if (!connection.TakesClose)
        {
            return new DetachedSocket(connection.Descriptor, default, connection.UnsentOutput);
        }

        var output = new ArrayBufferWriter<byte>();
        output.Write(connection.UnsentOutput.Span);
        FrameWriter.WriteClose(output, CloseStatus.ServiceRestart);
        return new DetachedSocket(connection.Descriptor, default, output.WrittenMemory);
    }
}
