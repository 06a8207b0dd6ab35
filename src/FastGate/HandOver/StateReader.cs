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
    private readonly HashSet<int> _descriptors = [];
    private readonly List<ListenerState> _listeners = [];
    private readonly List<ConnectionState> _connections = [];
    private readonly List<DeviceLanguageState> _languages = [];
    private readonly List<UnreadableConnection> _unreadable = [];
    private uint _version;
    private long _tableOffset;

    /// <summary>End of the record that was read last.</summary>
    private long _end = StateFormat.HeaderSize;
    private long _quietAtUnixMs;
    private int _lost;

    private StateReader(ReadOnlySpan<byte> input) => _input = input;

    /// <summary>Reads a state. The result has no reference to the input.</summary>
    public static ReadState Read(ReadOnlySpan<byte> input) => new StateReader(input).Read();

    private readonly bool IsReadVersion => _version is >= StateFormat.OldestVersion and <= StateFormat.Version;

    private ReadState Read()
    {
        StateFault fault = TryReadTable(out ReadOnlySpan<byte> table);
        for (; !table.IsEmpty; table = table[StateFormat.EntrySize..])
        {
            Read(StateEntry.Read(table));
        }

        return new ReadState
        {
            Fault = fault,
            Version = _version,
            State = new GatewayState
            {
                QuietAtUnixMs = _quietAtUnixMs,
                Listeners = _listeners,
                Connections = _connections,
                Languages = _languages,
            },
            Unreadable = _unreadable,
            Lost = _lost,
        };
    }

    private StateFault TryReadTable(out ReadOnlySpan<byte> table)
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
        ReadOnlySpan<byte> unsent = default;
        ReadOnlySpan<byte> record = default;
        if (isPlaced)
        {
            _end = entry.End;
            unsent = _input.Slice((int)entry.Offset, entry.UnsentLength);
            record = _input.Slice((int)entry.Offset + entry.UnsentLength, entry.Length);
        }

        bool isUnsentWhole = isPlaced && StateFormat.Checksum(unsent) == entry.UnsentChecksum;
        bool isWhole = isUnsentWhole && StateFormat.Checksum(record) == entry.Checksum;
        switch (entry.Kind)
        {
            case StateFormat.KindListener when isWhole && Utf8.IsValid(record):
                AddListener(Encoding.UTF8.GetString(record), entry.Descriptor);
                break;
            case StateFormat.KindShared:
                _lost += isWhole && IsReadVersion && SharedRecord.Read(record, ref _quietAtUnixMs, _languages) ? 0 : 1;
                break;
            default:
                ReadOnlyMemory<byte> output = isUnsentWhole && !unsent.IsEmpty ? unsent.ToArray() : default;
                AddConnection(entry, output, isUnsentWhole, isWhole, record);
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

    private readonly void AddConnection(
        in StateEntry entry, ReadOnlyMemory<byte> unsent, bool isUnsentWhole, bool isWhole, ReadOnlySpan<byte> record)
    {
        UnreadableReason reason = !isWhole ? UnreadableReason.Damaged
            : entry.Kind != StateFormat.KindConnection ? UnreadableReason.Kind
            : !IsReadVersion ? UnreadableReason.Version
            : !entry.IsWhole ? UnreadableReason.TooBig
            : UnreadableReason.Fields;
        if (reason == UnreadableReason.Fields && ConnectionRecord.Read(record, entry.Descriptor, unsent) is { } connection)
        {
            _connections.Add(connection);
        }
        else
        {
            _unreadable.Add(new UnreadableConnection(entry.Descriptor, reason, isUnsentWhole && entry.TakesClose, unsent));
        }
    }
}
