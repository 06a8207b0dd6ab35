using System.Buffers;
using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Deflate;

/// <summary>
/// Decompresses one message of permessage-deflate (RFC 7692 section 7.2.2): blocks of DEFLATE (RFC 1951) without the last four bytes of an empty
/// stored block. No message refers to another one, so the window is the output itself and no state is kept between messages.
/// </summary>
/// <remarks>
/// Accepts only blocks that zlib accepts (InflaterTests compares them), and refuses a message that ends inside a block. The output grows with what is
/// decompressed, up to the limit: a bomb is refused at the limit. Budget: no allocation except an array of the shared pool.
/// </remarks>
public static class Inflater
{
    private const int MaxLiteralCodes = 286;
    private const int MaxDistanceCodes = 30;
    private const int MinBuffer = 256;

    // Bits that index the tables: a larger table costs more to fill than a small message saves with it.
    private const int LiteralBits = 10;
    private const int DistanceBits = 8;
    private const int LengthBits = 7;

    // A length or literal and a distance with their extra bits: 15 + 5 + 15 + 13.
    private const int MostBitsOfStep = 48;

    private static readonly uint[] s_fixedLiterals = CreateFixedLiterals();
    private static readonly uint[] s_fixedDistances = CreateFixedDistances();

    // The order of the code lengths in the header of a dynamic block (RFC 1951 section 3.2.7).
    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Decompresses a message.</summary>
    /// <param name="payload">The payload of all its frames, unmasked.</param>
    /// <param name="limit">The largest size of the decompressed message.</param>
    /// <param name="buffer">An array of the shared pool that the caller returns, whatever the result.</param>
    /// <param name="length">Bytes of the message in the array.</param>
    /// <returns>Done; InvalidData; or DestinationTooSmall when the message is larger than the limit.</returns>
    public static OperationStatus Inflate(ReadOnlySpan<byte> payload, int limit, out byte[] buffer, out int length)
    {
        var output = new InflatedOutput(limit, Math.Max(MinBuffer, (int)Math.Min(limit, payload.Length * 4L)));
        var input = new DeflateBits(payload);
        OperationStatus status = InflateBlocks(ref input, ref output);
        buffer = output.Buffer;
        length = output.Length;
        return status == OperationStatus.Done && input.IsOverrun ? OperationStatus.InvalidData : status;
    }

    private static OperationStatus InflateBlocks(ref DeflateBits input, ref InflatedOutput output)
    {
        do
        {
            bool isFinal = input.Take(1) == 1;
            OperationStatus status = input.Take(2) switch
            {
                0 => Copy(ref input, ref output),
                1 => InflateCodes(ref input, ref output, new HuffmanCode(s_fixedLiterals, LiteralBits), new HuffmanCode(s_fixedDistances, DistanceBits)),
                2 => InflateDynamic(ref input, ref output),
                _ => OperationStatus.InvalidData,
            };
            if (status != OperationStatus.Done)
            {
                return status;
            }

            if (isFinal)
            {
                // A sender may end each message with a final block; an empty one follows at the next byte (RFC 7692 section 7.2.3.4).
                input.Align();
                if (input.IsPayloadUsed)
                {
                    return OperationStatus.Done;
                }
            }
        }
        while (!input.IsAtEnd);

        return OperationStatus.Done;
    }

    private static OperationStatus Copy(ref DeflateBits input, ref InflatedOutput output)
    {
        input.Align();
        int length = input.Take(16);
        if (input.Take(16) != (length ^ 0xFFFF))
        {
            return OperationStatus.InvalidData;
        }

        if (length == 0)
        {
            return OperationStatus.Done;
        }

        return !input.TryTakeBytes(length, out ReadOnlySpan<byte> bytes) ? OperationStatus.InvalidData
            : output.TryAdd(bytes) ? OperationStatus.Done
            : OperationStatus.DestinationTooSmall;
    }

    // The spaces are cleared below.
    [SkipLocalsInit]
    private static OperationStatus InflateDynamic(ref DeflateBits input, ref InflatedOutput output)
    {
        int literals = input.Take(5) + 257;
        int distances = input.Take(5) + 1;
        int codes = input.Take(4) + 4;
        if (literals > MaxLiteralCodes || distances > MaxDistanceCodes)
        {
            return OperationStatus.InvalidData;
        }

        Span<byte> lengths = stackalloc byte[MaxLiteralCodes + MaxDistanceCodes];
        lengths.Clear();
        lengths = lengths[..(literals + distances)];
        if (!TryReadLengths(ref input, codes, lengths) || lengths[DeflateSymbols.EndOfBlock] == 0)
        {
            return OperationStatus.InvalidData;
        }

        Span<uint> literalSpace = stackalloc uint[HuffmanCode.SpaceOf(LiteralBits, MaxLiteralCodes)];
        Span<uint> distanceSpace = stackalloc uint[HuffmanCode.SpaceOf(DistanceBits, MaxDistanceCodes)];
        literalSpace.Clear();
        distanceSpace.Clear();
        return HuffmanCode.TryWrite(literalSpace, LiteralBits, lengths[..literals], DeflateSymbols.OfLiterals, mayBeIncomplete: true)
            && HuffmanCode.TryWrite(distanceSpace, DistanceBits, lengths[literals..], DeflateSymbols.OfDistances, mayBeIncomplete: true)
            ? InflateCodes(ref input, ref output, new HuffmanCode(literalSpace, LiteralBits), new HuffmanCode(distanceSpace, DistanceBits))
            : OperationStatus.InvalidData;
    }

    /// <summary>Reads the lengths of both codes, which are compressed with a third one (RFC 1951 section 3.2.7).</summary>
    private static bool TryReadLengths(ref DeflateBits input, int codes, scoped Span<byte> lengths)
    {
        Span<byte> order = stackalloc byte[DeflateSymbols.Lengths];
        order.Clear();
        for (int i = 0; i < codes; i++)
        {
            order[LengthOrder[i]] = (byte)input.Take(3);
        }

        Span<uint> space = stackalloc uint[HuffmanCode.SpaceOf(LengthBits, DeflateSymbols.Lengths)];
        space.Clear();
        if (!HuffmanCode.TryWrite(space, LengthBits, order, DeflateSymbols.OfLengths, mayBeIncomplete: false))
        {
            return false;
        }

        var code = new HuffmanCode(space, LengthBits);
        int index = 0;
        while (index < lengths.Length)
        {
            input.Fill();
            uint entry = code.Find(input.Bits);
            input.Drop(DeflateSymbols.CodeLength(entry));
            int symbol = DeflateSymbols.Value(entry);
            if ((symbol == 16 && index == 0) || input.IsOverrun)
            {
                return false;
            }

            if (symbol < 16)
            {
                lengths[index++] = (byte)symbol;
                continue;
            }

            byte repeated = symbol == 16 ? lengths[index - 1] : (byte)0;
            int times = symbol switch { 16 => 3 + input.TakeFilled(2), 17 => 3 + input.TakeFilled(3), _ => 11 + input.TakeFilled(7) };
            if (times > lengths.Length - index)
            {
                return false;
            }

            lengths.Slice(index, times).Fill(repeated);
            index += times;
        }

        return true;
    }

    private static OperationStatus InflateCodes(ref DeflateBits source, ref InflatedOutput output, scoped HuffmanCode literals, scoped HuffmanCode distances)
    {
        // A copy, whose fields the loop keeps in registers.
        DeflateBits input = source;
        Span<byte> room = output.Room;
        int at = output.Length;
        while (true)
        {
            if (input.Count < MostBitsOfStep)
            {
                input.Fill();
                if (input.IsOverrun)
                {
                    return OperationStatus.InvalidData;
                }
            }

            uint entry = literals.Find(input.Bits);
            input.Drop(DeflateSymbols.CodeLength(entry));
            if ((entry & DeflateSymbols.Literal) != 0 && at < room.Length)
            {
                room[at++] = (byte)DeflateSymbols.Value(entry);
                continue;
            }

            if ((entry & DeflateSymbols.Special) != 0 || entry == 0)
            {
                source = input;
                output.Length = at;
                return DeflateSymbols.IsEndOfBlock(entry) ? OperationStatus.Done : OperationStatus.InvalidData;
            }

            bool isLiteral = (entry & DeflateSymbols.Literal) != 0;
            int length = isLiteral ? 1 : DeflateSymbols.Value(entry) + input.TakeFilled(DeflateSymbols.ExtraBits(entry));
            if (length > room.Length - at)
            {
                output.Length = at;
                if (!output.TryReserve(length))
                {
                    return OperationStatus.DestinationTooSmall;
                }

                room = output.Room;
            }

            if (isLiteral)
            {
                room[at++] = (byte)DeflateSymbols.Value(entry);
                continue;
            }

            entry = distances.Find(input.Bits);
            input.Drop(DeflateSymbols.CodeLength(entry));
            int distance = DeflateSymbols.Value(entry) + input.TakeFilled(DeflateSymbols.ExtraBits(entry));
            if ((entry & DeflateSymbols.Special) != 0 || entry == 0 || distance > at)
            {
                return OperationStatus.InvalidData;
            }

            InflatedOutput.Repeat(room, at, distance, length);
            at += length;
        }
    }

    private static uint[] CreateFixedLiterals()
    {
        Span<byte> lengths = stackalloc byte[DeflateSymbols.Literals];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        return CreateFixed(LiteralBits, lengths, DeflateSymbols.OfLiterals);
    }

    private static uint[] CreateFixedDistances()
    {
        Span<byte> lengths = stackalloc byte[DeflateSymbols.Distances];
        lengths.Fill(5);
        return CreateFixed(DistanceBits, lengths, DeflateSymbols.OfDistances);
    }

    private static uint[] CreateFixed(int tableBits, ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> entries)
    {
        uint[] space = new uint[HuffmanCode.SpaceOf(tableBits, entries.Length)];
        HuffmanCode.TryWrite(space, tableBits, lengths, entries, mayBeIncomplete: false);
        return space;
    }
}
