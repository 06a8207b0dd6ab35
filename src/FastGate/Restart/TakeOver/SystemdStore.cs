using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastGate.HandOver;
using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// The descriptor store of systemd: it keeps sockets and a memory file between the stop and the next start of a unit that has
/// <c>FileDescriptorStoreMax=</c>.
/// </summary>
/// <param name="address">The value of <c>NOTIFY_SOCKET</c>.</param>
/// <param name="capacity">The value of <c>FDSTORE</c>: the most descriptors it keeps.</param>
internal sealed class SystemdStore(string address, int capacity)
{
    /// <summary>Names of the descriptors. All names together must fit into one environment variable of the next start, so they are short.</summary>
    public const string StateName = "s";

    public const string SocketName = "c";

    private const string AddressVariable = "NOTIFY_SOCKET";
    private const string CapacityVariable = "FDSTORE";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Null where no service manager offers a store.</summary>
    public static SystemdStore? Offered() =>
        From(Environment.GetEnvironmentVariable(AddressVariable), Environment.GetEnvironmentVariable(CapacityVariable));

    /// <summary>The store that these variables name.</summary>
    public static SystemdStore? From(string? address, string? capacity) =>
        OperatingSystem.IsLinux()
        && address is ['/' or '@', _, ..]
        && int.TryParse(capacity, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptors)
        && descriptors > 0
            ? new SystemdStore(address, descriptors)
            : null;

    /// <summary>Whether the store has room for the state, its table of sockets and this number of sockets.</summary>
    public bool HasRoomFor(int sockets) => sockets + 2 <= capacity;

    /// <summary>Writes the state, and passes it and copies of its sockets on.</summary>
    public void Keep(GatewayState state, IReadOnlyList<int> sockets)
    {
        using SafeFileHandle record = MemoryFile.Create("fastgate-state\0"u8);
        using (var copy = new SafeFileHandle(record.DangerousGetHandle(), ownsHandle: false))
        using (var stream = new FileStream(copy, FileAccess.Write))
        {
            StateWriter.Write(stream, state);
        }

        using SafeFileHandle table = StoredDescriptors.WriteTable(sockets);
        Keep((int)record.DangerousGetHandle(), (int)table.DangerousGetHandle(), sockets);
    }

    /// <summary>
    /// Passes copies of the descriptors on and waits until the store has them. Throws <see cref="IOException"/>, <see cref="SocketException"/> or
    /// <see cref="TimeoutException"/>; then the store may hold some of them, which <see cref="Clear"/> removes.
    /// </summary>
    public void Keep(int state, int table, IReadOnlyList<int> sockets)
    {
        using DescriptorSocket socket = Connect();

        // The state is the last: without it the next start does not use the sockets.
        foreach (int[] some in sockets.Chunk(DescriptorSocket.MaxDescriptors))
        {
            Store(socket, SocketName, some);
        }

        Store(socket, StateName, [state, table]);
        WaitUntilRead(socket);
    }

    /// <summary>Removes what the store keeps for this unit: a copy there would keep a closed connection open.</summary>
    public void Clear()
    {
        using DescriptorSocket socket = Connect();
        foreach (string name in (string[])[SocketName, StateName])
        {
            socket.Send(Encoding.ASCII.GetBytes($"FDSTOREREMOVE=1\nFDNAME={name}\n"), [], s_limit);
        }
    }

    /// <summary>As <see cref="Clear"/>; a manager that has gone keeps nothing.</summary>
    public void TryClear()
    {
        try
        {
            Clear();
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            // Nothing is kept.
        }
    }

    private static void Store(DescriptorSocket socket, string name, int[] descriptors) =>
        socket.Send(Encoding.ASCII.GetBytes($"FDSTORE=1\nFDNAME={name}\nFDPOLL=0\n"), descriptors, s_limit);

    /// <summary>The manager closes the passed end of a connection when it has handled all earlier messages.</summary>
    private static void WaitUntilRead(DescriptorSocket socket)
    {
        (DescriptorSocket barrier, int other) = DescriptorSocket.CreatePair();
        using (barrier)
        {
            try
            {
                socket.Send("BARRIER=1"u8, [other], s_limit);
            }
            finally
            {
                LinuxSocket.Close(other);
            }

            barrier.Receive(new byte[1], [], s_limit);
        }
    }

    private DescriptorSocket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address));
            return new DescriptorSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
