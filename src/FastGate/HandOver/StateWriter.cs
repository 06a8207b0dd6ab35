using System.Buffers.Binary;
using System.Text;

namespace FastGate.HandOver;

/// <summary>
/// Writes a state as it is collected, so that no second copy of it exists. One thread at a time. The header comes last: a state that was not
/// finished is not readable.
/// </summary>
/// <param name="output">Empty and seekable; the caller keeps it. An exception of it leaves a state that is not readable.</param>
/// <param name="maxRecords">See <see cref="StateFormat.MaxRecords"/>.</param>
internal sealed class StateWriter(Stream output, long maxRecords = StateFormat.MaxRecords)
{
    /// <summary>Size from which bytes are passed to the output.</summary>
    private const int FlushAt = 1 << 16;

    private readonly List<StateEntry> _entries = [];

    /// <summary>Complete records that the output has not received, and the record in progress.</summary>
    private readonly StateBuffer _buffer = new();

    /// <summary>Fields of no descriptor; a record of their own as soon as there are enough.</summary>
    private readonly StateBuffer _shared = new();

    /// <summary>Bytes that the output has received.</summary>
    private long _flushed;

    /// <summary>Position of the next record.</summary>
    private long Position => StateFormat.HeaderSize + _flushed + _buffer.Length;

    /// <summary>Writes all of a state.</summary>
    public static void Write(Stream output, GatewayState state)
    {
        var writer = new StateWriter(output);
        foreach (ListenerState listener in state.Listeners)
        {
            writer.Add(listener);
        }

        writer.Add(state.Connections);
        writer.Finish(state with { Listeners = [] });
    }

    public void Add(IEnumerable<ConnectionState> connections)
    {
        foreach (ConnectionState connection in connections)
        {
            Add(connection);
        }
    }

    /// <summary>Adds everything of the state but its connections, and finishes.</summary>
    public void Finish(GatewayState state)
    {
        foreach (ListenerState listener in state.Listeners)
        {
            Add(listener);
        }

        foreach (DeviceLanguageState language in state.Languages)
        {
            Add(language);
        }

        Finish(state.QuietAtUnixMs, state.NodeIncarnation);
    }

    /// <summary>Adds the sockets of a listener. Each name may be added once.</summary>
    public void Add(ListenerState listener)
    {
        foreach (int descriptor in listener.Descriptors)
        {
            long start = Position;
            int length = _buffer.Length;
            _buffer.Append(Encoding.UTF8.GetBytes(listener.Name));
            AddEntry(descriptor, StateFormat.KindListener, StateFormat.FlagWhole, start, _buffer.Written.Slice(length, 0), _buffer.Written[length..]);
        }
    }

    /// <summary>Adds a connection.</summary>
    /// <returns>False when its record is too big: it will only be closed, after its unsent output if there is room for that.</returns>
    public bool Add(ConnectionState connection)
    {
        long start = Position;
        int at = _buffer.Length;
        _buffer.Append(connection.UnsentOutput.Span);
        int fields = _buffer.Length;
        ConnectionStateRecord.Write(_buffer, connection);
        bool takesClose = connection.Session is not null;
        bool isWhole = Fits(at);
        if (!isWhole)
        {
            _buffer.Length = fields;
            if (!Fits(at))
            {
                // Without this output, which may end inside a frame, a Close frame would be read as part of another frame.
                _buffer.Length = fields = at;
                takesClose = false;
            }
        }

        byte flags = (byte)((isWhole ? StateFormat.FlagWhole : 0) | (takesClose ? StateFormat.FlagTakesClose : 0));
        AddEntry(connection.Descriptor, StateFormat.KindConnection, flags, start, _buffer.Written[at..fields], _buffer.Written[fields..]);
        return isWhole;
    }

    /// <summary>Adds a language. It is left out when there is no room.</summary>
    public void Add(DeviceLanguageState language)
    {
        SharedRecord.WriteLanguage(_shared, language);
        if (_shared.Length >= FlushAt)
        {
            AddShared();
        }
    }

    /// <summary>Writes the table and the header. Nothing may be added afterwards.</summary>
    /// <param name="quietAtUnixMs">See <see cref="GatewayState.QuietAtUnixMs"/>.</param>
    /// <param name="nodeIncarnation">See <see cref="GatewayState.NodeIncarnation"/>.</param>
    public void Finish(long quietAtUnixMs, long nodeIncarnation = 0)
    {
        SharedRecord.WriteGateway(_shared, quietAtUnixMs, nodeIncarnation);
        AddShared();
        Flush();

        long tableOffset = Position;
        Span<byte> table = _buffer.Take(_entries.Count * StateFormat.EntrySize);
        for (int i = 0; i < _entries.Count; i++)
        {
            _entries[i].Write(table[(i * StateFormat.EntrySize)..]);
        }

        Span<byte> header = stackalloc byte[StateFormat.HeaderSize];
        StateFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], StateFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], tableOffset);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], tableOffset + table.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], StateFormat.Checksum(table));
        BinaryPrimitives.WriteUInt32LittleEndian(header[36..], StateFormat.Checksum(header[..36]));
        Flush();
        output.Position = 0;
        output.Write(header);
        output.Flush();
    }

    /// <summary>Whether the record from <paramref name="start"/> of the buffer respects the bounds.</summary>
    private bool Fits(int start) => _buffer.Length - start <= StateFormat.MaxRecord && Position - StateFormat.HeaderSize <= maxRecords;

    private void AddShared()
    {
        int at = _buffer.Length;
        long start = Position;
        _buffer.Append(_shared.Written);
        _shared.Length = 0;
        if (Fits(at))
        {
            AddEntry(-1, StateFormat.KindShared, StateFormat.FlagWhole, start, [], _buffer.Written[at..]);
        }
        else
        {
            _buffer.Length = at;
        }
    }

    private void AddEntry(int descriptor, byte kind, byte flags, long offset, ReadOnlySpan<byte> unsent, ReadOnlySpan<byte> record)
    {
        if (_entries.Count >= StateFormat.MaxEntries)
        {
            throw new InvalidOperationException("A state has room for 1,048,576 entries.");
        }

        _entries.Add(new StateEntry(
            descriptor, kind, flags, offset, unsent.Length, StateFormat.Checksum(unsent), record.Length, StateFormat.Checksum(record)));
        if (_buffer.Length >= FlushAt)
        {
            Flush();
        }
    }

    private void Flush()
    {
        if (output.Position == 0)
        {
            output.Position = StateFormat.HeaderSize;
        }

        output.Write(_buffer.Written);
        _flushed += _buffer.Length;
        _buffer.Length = 0;
    }
}
