using System.Buffers.Binary;
using System.Globalization;
using FastGate.HandOver;
using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// What the descriptor store passes to a start. It keeps no order, so a table says which socket had which number; sockets are known by the kernel's
/// cookie, which no other socket has until the machine is started again.
/// </summary>
/// <param name="State">The memory file with the state.</param>
/// <param name="Sockets">For each number of the state, the descriptor of this process.</param>
internal sealed record StoredDescriptors(SafeFileHandle State, IReadOnlyDictionary<int, int> Sockets)
{
    private const int EntrySize = sizeof(int) + sizeof(ulong);
    private const int FirstDescriptor = 3;
    private const string ProcessVariable = "LISTEN_PID";
    private const string CountVariable = "LISTEN_FDS";
    private const string NamesVariable = "LISTEN_FDNAMES";

    /// <summary>Takes what the service manager has passed, and removes the variables, so that no child process sees them. Null when it has passed nothing of this server.</summary>
    public static StoredDescriptors? Take()
    {
        string? process = Environment.GetEnvironmentVariable(ProcessVariable);
        string? count = Environment.GetEnvironmentVariable(CountVariable);
        string[] names = Environment.GetEnvironmentVariable(NamesVariable)?.Split(':') ?? [];
        foreach (string variable in (string[])[ProcessVariable, CountVariable, NamesVariable])
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        return process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int passed)
            && passed == names.Length
                ? Find([.. names.Select(static (name, index) => (name, FirstDescriptor + index))])
                : null;
    }

    /// <summary>Reads the state, with the descriptors of this process. Connections that the store does not have any more are left out.</summary>
    public ReadState Read()
    {
        byte[] record = new byte[RandomAccess.GetLength(State)];
        ReadState read = StateReader.Read(record.AsSpan(0, RandomAccess.Read(State, record, 0)));
        return read with
        {
            State = read.State with
            {
                Listeners = [.. read.State.Listeners.Select(listener => listener with { Descriptors = [.. listener.Descriptors.Where(Sockets.ContainsKey).Select(number => Sockets[number])] })],
                Connections = [.. read.State.Connections.Where(connection => Sockets.ContainsKey(connection.Descriptor)).Select(connection => connection with { Descriptor = Sockets[connection.Descriptor] })],
            },
            Unreadable = [.. read.Unreadable.Where(connection => Sockets.ContainsKey(connection.Descriptor)).Select(connection => connection with { Descriptor = Sockets[connection.Descriptor] })],
        };
    }

    /// <summary>The table of the sockets' numbers.</summary>
    public static SafeFileHandle WriteTable(IReadOnlyList<int> sockets)
    {
        byte[] table = new byte[sockets.Count * EntrySize];
        for (int i = 0; i < sockets.Count; i++)
        {
            Span<byte> entry = table.AsSpan(i * EntrySize);
            BinaryPrimitives.WriteInt32LittleEndian(entry, sockets[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[sizeof(int)..], LinuxSocket.Cookie(sockets[i]));
        }

        SafeFileHandle file = MemoryFile.Create("fastgate-table\0"u8);
        RandomAccess.Write(file, table, 0);
        return file;
    }

    /// <summary>Closes what belongs to this server and is not used.</summary>
    public static StoredDescriptors? Find(IReadOnlyList<(string Name, int Descriptor)> passed)
    {
        var sockets = passed.Where(static item => item.Name == SystemdStore.SocketName).Select(static item => item.Descriptor).ToList();
        int[] files = [.. passed.Where(static item => item.Name == SystemdStore.StateName).Select(static item => item.Descriptor)];
        foreach (int descriptor in sockets.Concat(files))
        {
            LinuxSocket.SetCloseOnExec(descriptor);
        }

        if (files.Length != 2)
        {
            sockets.Concat(files).ToList().ForEach(static descriptor => LinuxSocket.Close(descriptor));
            return null;
        }

        // The state begins with its name; the table with a small number.
        SafeFileHandle[] handles = [MemoryFile.Own(files[0]), MemoryFile.Own(files[1])];
        int state = IsState(handles[0]) ? 0 : 1;
        using SafeFileHandle table = handles[1 - state];
        var cookies = new Dictionary<ulong, int>();
        sockets.ForEach(descriptor => cookies.TryAdd(LinuxSocket.Cookie(descriptor), descriptor));
        var numbers = new Dictionary<int, int>();
        byte[] entries = new byte[RandomAccess.GetLength(table) / EntrySize * EntrySize];
        _ = RandomAccess.Read(table, entries, 0);
        for (int at = 0; at < entries.Length; at += EntrySize)
        {
            Span<byte> entry = entries.AsSpan(at, EntrySize);
            if (cookies.Remove(BinaryPrimitives.ReadUInt64LittleEndian(entry[sizeof(int)..]), out int descriptor))
            {
                numbers[BinaryPrimitives.ReadInt32LittleEndian(entry)] = descriptor;
            }
        }

        sockets.Except(numbers.Values).ToList().ForEach(static descriptor => LinuxSocket.Close(descriptor));
        return new StoredDescriptors(handles[state], numbers);
    }

    private static bool IsState(SafeFileHandle file)
    {
        byte[] start = new byte[StateFormat.Magic.Length];
        return RandomAccess.Read(file, start, 0) == start.Length && StateFormat.Magic.SequenceEqual(start);
    }
}
