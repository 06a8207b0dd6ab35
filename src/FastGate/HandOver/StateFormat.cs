using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastGate.HandOver;

/// <summary>
/// The layout of a saved state, little-endian. docs/decisions/0003-state-record.md explains it.
/// <code>
/// header, 40 bytes    magic (8), version of the records (4), number of entries (4), offset of the table (8), length of the whole (8),
///                     checksum of the table (4), checksum of the header before it (4)
/// records             one after the other, in the order of the table
/// table, 32 bytes     for each descriptor or group of fields: descriptor (4), kind (1), flags (1), zero (2), offset of the record (8),
/// an entry            length (4) and checksum (4) of the unsent output at its start, length (4) and checksum (4) of the rest
/// </code>
/// The header, the table, unsent output and the names of listeners never change: an image of any version can take the listeners and close every
/// connection in order. The rest of a record is fields: tag (1), length (4), bytes.
/// </summary>
internal static class StateFormat
{
    /// <summary>Version that is written. It changes only when a present tag gets another meaning; a new tag needs no new version.</summary>
    public const uint Version = 1;

    /// <summary>Oldest version that is read: always the one before <see cref="Version"/>, as soon as there is one.</summary>
    public const uint OldestVersion = 1;

    public const int HeaderSize = 40;
    public const int EntrySize = 32;

    /// <summary>
    /// Maximum size of one record; a connection above it is written without its record. Two utterances of the longest setting are 19 MB.
    /// </summary>
    public const int MaxRecord = 1 << 25;

    /// <summary>Maximum number of entries: descriptors, and groups of fields that belong to none.</summary>
    public const int MaxEntries = 1 << 20;

    /// <summary>Maximum size of all records together; connections above it are written without their records.</summary>
    public const long MaxRecords = 1 << 30;

    /// <summary>An image that does not know a tag from here on must not use the record.</summary>
    public const byte FirstRequiredTag = 128;

    public const byte KindListener = 1;
    public const byte KindConnection = 2;
    public const byte KindShared = 3;

    /// <summary>The record is present. Without this flag the connection can only be closed.</summary>
    public const byte FlagWhole = 1;

    /// <summary>The client expects frames: a Close frame may follow the unsent output.</summary>
    public const byte FlagTakesClose = 2;

    public static ReadOnlySpan<byte> Magic => "FGSTATE\n"u8;

    /// <summary>CRC-32C, with the instruction of the processor where there is one.</summary>
    // Compiled with optimisation at its first call: a new process reads its state once, in the time that devices wait.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
