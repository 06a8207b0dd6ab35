using System.Buffers.Binary;
using FastGate.HandOver;

namespace FastGate.Tests.HandOver;

/// <summary>Builds saved states without the tested writer, valid or not, with checksums that fit.</summary>
internal sealed class StateFile
{
    private readonly List<byte> _records = [];
    private readonly List<StateEntry> _entries = [];

    public uint Version { get; set; } = StateFormat.Version;

    public long NextOffset => StateFormat.HeaderSize + _records.Count;

    public StateFile Listener(int descriptor, string name) =>
        Add(descriptor, StateFormat.KindListener, StateFormat.FlagWhole, [], System.Text.Encoding.UTF8.GetBytes(name));

    public StateFile Connection(int descriptor, byte[] unsent, byte[] record) =>
        Add(descriptor, StateFormat.KindConnection, StateFormat.FlagWhole | StateFormat.FlagTakesClose, unsent, record);

    public StateFile Shared(byte[] record) => Add(-1, StateFormat.KindShared, StateFormat.FlagWhole, [], record);

    public StateFile Add(int descriptor, byte kind, byte flags, byte[] unsent, byte[] record)
    {
        long offset = NextOffset;
        _records.AddRange(unsent);
        _records.AddRange(record);
        return Add(new StateEntry(
            descriptor, kind, flags, offset, unsent.Length, StateFormat.Checksum(unsent), record.Length, StateFormat.Checksum(record)));
    }

    /// <summary>Adds an entry for a record that is there already, or nowhere.</summary>
    public StateFile Add(StateEntry entry)
    {
        _entries.Add(entry);
        return this;
    }

    public byte[] ToBytes()
    {
        byte[] file = new byte[StateFormat.HeaderSize + _records.Count + (_entries.Count * StateFormat.EntrySize)];
        _records.CopyTo(file, StateFormat.HeaderSize);
        int table = StateFormat.HeaderSize + _records.Count;
        for (int i = 0; i < _entries.Count; i++)
        {
            _entries[i].Write(file.AsSpan(table + (i * StateFormat.EntrySize)));
        }

        "FGSTATE\n"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), table);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), file.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(32), Crc32C(file.AsSpan(table)));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(36), Crc32C(file.AsSpan(0, 36)));
        return file;
    }

    /// <summary>Fields: tag, length, bytes.</summary>
    public static byte[] Fields(params (byte Tag, byte[] Value)[] fields)
    {
        List<byte> record = [];
        foreach ((byte tag, byte[] value) in fields)
        {
            record.Add(tag);
            record.AddRange(BitConverter.GetBytes(value.Length));
            record.AddRange(value);
        }

        return [.. record];
    }

    /// <summary>CRC-32C bit by bit, by its polynomial.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        return ~crc;
    }
}
