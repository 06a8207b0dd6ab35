using System.Buffers;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Transport.HandOver;

namespace FastGate.Restart;

/// <summary>
/// What the program before this one has left: listening sockets, connections with their state, and connections that can only be closed. Every
/// descriptor is in one of them.
/// </summary>
internal sealed class InheritedState
{
    /// <summary>How the system names the file of <see cref="StateMemory"/>.</summary>
    private const string MemoryFile = "/memfd:fastgate-state";

    private readonly ReadState _read;

    private InheritedState(StateTicket ticket, ReadState read, long bytes, IReadOnlyList<DetachedSocket> closing)
    {
        (Ticket, _read, Bytes, Closing) = (ticket, read, bytes, closing);
    }

    public StateTicket Ticket { get; }

    public GatewayState State => _read.State;

    /// <summary>Size of the state.</summary>
    public long Bytes { get; }

    /// <summary>Why nothing of the state could be read; null when it could.</summary>
    public string? Fault => _read.Fault == StateFault.None ? null : _read.Fault.ToString();

    /// <summary>Connections whose state cannot be read, with the Close frame of status 1012 as the end of their output.</summary>
    public IReadOnlyList<DetachedSocket> Closing { get; }

    /// <summary>What another process has passed. Its descriptors belong to this process and close on exec.</summary>
    public static InheritedState Of(ReadState read) => new(new StateTicket(-1), read, 0, [.. read.Unreadable.Select(Closed)]);

    /// <summary>Null when this program was started and did not replace another. Called before the program opens a socket or starts a process.</summary>
    public static InheritedState? Take() => StateTicket.Take() is { } ticket && OperatingSystem.IsLinux() ? Take(ticket) : null;

    public static InheritedState? Take(StateTicket ticket)
    {
        if (InheritedDescriptors.TargetOf(ticket.Descriptor)?.StartsWith(MemoryFile, StringComparison.Ordinal) != true)
        {
            // A variable of another origin: nothing was inherited.
            return null;
        }

        using var memory = StateMemory.Open(ticket.Descriptor);
        ReadState read = memory.Read();
        var known = new HashSet<int>(read.State.Listeners.SelectMany(static listener => listener.Descriptors));
        known.UnionWith(read.State.Connections.Select(static connection => connection.Descriptor));
        known.UnionWith(read.Unreadable.Select(static connection => connection.Descriptor));
        List<DetachedSocket> closing = [.. read.Unreadable.Select(Closed)];
        if (read.Fault != StateFault.None)
        {
            // No entry names them. A client that is in the middle of a frame drops the connection, which is the same for it.
            foreach ((int descriptor, bool isListener) in InheritedDescriptors.StraySockets(known))
            {
                if (isListener)
                {
                    InheritedDescriptors.Close(descriptor);
                }
                else
                {
                    known.Add(descriptor);
                    closing.Add(Closed(new UnreadableConnection(descriptor, UnreadableReason.Damaged, TakesClose: true, default)));
                }
            }
        }

        foreach (int descriptor in ticket.Lock >= 0 ? known.Append(ticket.Lock) : known)
        {
            InheritedDescriptors.SetCloseOnExec(descriptor);
        }

        return new InheritedState(ticket, read, memory.Length, closing);
    }

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
