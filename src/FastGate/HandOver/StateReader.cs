using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace FastGate.HandOver;

/// <summary>
/// Reads a saved state. Accepts any bytes: it never throws because of them, and allocates at most a small multiple of their length. Records must
/// lie one after the other, so that no byte is read twice.
/// </summary>
internal ref struct StateReader
{
    private readonly ReadOnlySpan<byte> _input;
    private readonly List<ListenerState> _listeners = [];
    private readonly List<StateEntry> _connections = [];
    private readonly List<DeviceLanguageState> _languages = [];
    private HashSet<int> _descriptors = [];
    private uint _version;
    private long _tableOffset;

    /// <summary>End of the record that was read last.</summary>
    private long _end = StateFormat.HeaderSize;
    private long _quietAtUnixMs;
    private long _nodeIncarnation;
    private int _lost;

    private StateReader(ReadOnlySpan<byte> input) => _input = input;

    /// <summary>Reads a state. The result has no reference to the input.</summary>
    public static ReadState Read(ReadOnlySpan<byte> input)
    {
        StateTable table = ReadTable(input);
        List<ConnectionState> connections = [];
        List<UnreadableConnection> unreadable = [];
        for (int i = 0; i < table.Connections; i++)
        {
            if (table.Read(input, i, out UnreadableConnection? closing) is { } connection)
            {
                connections.Add(connection);
            }
            else
            {
                unreadable.Add(closing!);
            }
        }

        return new ReadState
        {
            Fault = table.Fault,
            Version = table.Version,
            State = table.State with { Connections = connections },
            Unreadable = unreadable,
            Lost = table.Lost,
        };
    }

    /// <summary>Reads everything but the records of the connections. The result has no reference to the input.</summary>
    public static StateTable ReadTable(ReadOnlySpan<byte> input) => new StateReader(input).ReadTable();

    private readonly bool IsReadVersion => _version is >= StateFormat.OldestVersion and <= StateFormat.Version;

    private StateTable ReadTable()
    {
        StateFault fault = TryFindTable(out ReadOnlySpan<byte> table);
        _descriptors = new HashSet<int>(table.Length / StateFormat.EntrySize);
        _connections.EnsureCapacity(table.Length / StateFormat.EntrySize);
        for (; !table.IsEmpty; table = table[StateFormat.EntrySize..])
        {
            Read(StateEntry.Read(table));
        }

        var state = new GatewayState { QuietAtUnixMs = _quietAtUnixMs, NodeIncarnation = _nodeIncarnation, Listeners = _listeners, Languages = _languages };
        return new StateTable(fault, _version, state, _connections, _lost, IsReadVersion);
    }

    private StateFault TryFindTable(out ReadOnlySpan<byte> table)
    {
        table = default;
        if (_input.Length < StateFormat.HeaderSize || !_input.StartsWith(StateFormat.Magic))
        {
            return StateFault.NoState;
        }

        if (StateFormat.Checksum(_input[..36]) != BinaryPrimitives.ReadUInt32LittleEndian(_input[36..]))
        {
            return StateFault.Damaged;
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(_input[12..]);
        long tableOffset = BinaryPrimitives.ReadInt64LittleEndian(_input[16..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(_input[24..]);
        if (count is < 0 or > StateFormat.MaxEntries
            || length > _input.Length
            || tableOffset < StateFormat.HeaderSize
            || tableOffset > length
            || length - tableOffset != count * (long)StateFormat.EntrySize)
        {
            return StateFault.Damaged;
        }

        ReadOnlySpan<byte> found = _input[(int)tableOffset..(int)length];
        if (StateFormat.Checksum(found) != BinaryPrimitives.ReadUInt32LittleEndian(_input[32..]))
        {
            return StateFault.Damaged;
        }

        _version = BinaryPrimitives.ReadUInt32LittleEndian(_input[8..]);
        _tableOffset = tableOffset;
        table = found;
        return StateFault.None;
    }

    private void Read(in StateEntry entry)
    {
        if (entry.Descriptor < 0 ? entry.Kind != StateFormat.KindShared : !_descriptors.Add(entry.Descriptor))
        {
            // Two owners of one descriptor would each close the other's connection.
            _lost++;
            return;
        }

        bool isPlaced = entry.Offset >= _end
            && entry.Offset <= _tableOffset
            && entry.UnsentLength >= 0
            && entry.Length >= 0
            && entry.UnsentLength + (long)entry.Length <= StateFormat.MaxRecord
            && entry.End <= _tableOffset;
        if (isPlaced)
        {
            _end = entry.End;
        }

        switch (entry.Kind)
        {
            case StateFormat.KindListener when isPlaced && entry.IsWholeIn(_input, out ReadOnlySpan<byte> name) && Utf8.IsValid(name):
                AddListener(Encoding.UTF8.GetString(name), entry.Descriptor);
                break;
            case StateFormat.KindShared:
                bool isRead = isPlaced
                    && entry.IsWholeIn(_input, out ReadOnlySpan<byte> fields)
                    && IsReadVersion
                    && SharedRecord.Read(fields, ref _quietAtUnixMs, ref _nodeIncarnation, _languages);
                _lost += isRead ? 0 : 1;
                break;
            default:
                _connections.Add(isPlaced ? entry : entry with { Offset = StateEntry.NoPlace });
                break;
        }
    }

    /// <summary>The sockets of one listener are adjacent.</summary>
    private readonly void AddListener(string name, int descriptor)
    {
        if (_listeners.Count > 0 && _listeners[^1].Name == name)
        {
            ((List<int>)_listeners[^1].Descriptors).Add(descriptor);
        }
        else
        {
            _listeners.Add(new ListenerState(name, new List<int> { descriptor }));
        }
    }
}
