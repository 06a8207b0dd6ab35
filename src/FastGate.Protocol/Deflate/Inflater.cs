using System.Buffers;

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
    private const int EndOfBlock = 256;
    private const int MaxLiteralCodes = 286;
    private const int MaxDistanceCodes = 30;
    private const int FixedLiteralCodes = 288;
    private const int LengthCodes = 19;
    private const int LongestLength = 285;
    private const int MinBuffer = 256;

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
                1 => InflateFixed(ref input, ref output),
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

        for (; length > 0; length--)
        {
            if (input.IsOverrun)
            {
                return OperationStatus.InvalidData;
            }

            if (!output.TryAdd((byte)input.Take(8)))
            {
                return OperationStatus.DestinationTooSmall;
            }
        }

        return OperationStatus.Done;
    }

    private static OperationStatus InflateFixed(ref DeflateBits input, ref InflatedOutput output)
    {
        Span<byte> lengths = stackalloc byte[FixedLiteralCodes + MaxDistanceCodes];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..FixedLiteralCodes].Fill(8);
        lengths[FixedLiteralCodes..].Fill(5);
        return InflateCodes(ref input, ref output, lengths, FixedLiteralCodes, isFixed: true);
    }

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
        Span<byte> order = stackalloc byte[LengthCodes];
        order.Clear();
        for (int i = 0; i < codes; i++)
        {
            order[LengthOrder[i]] = (byte)input.Take(3);
        }

        if (!HuffmanCode.TryCreate(order, mayBeIncomplete: false, out HuffmanCode code)
            || !TryReadLengths(ref input, code, lengths[..(literals + distances)])
            || lengths[EndOfBlock] == 0)
        {
            return OperationStatus.InvalidData;
        }

        return InflateCodes(ref input, ref output, lengths[..(literals + distances)], literals, isFixed: false);
    }

    private static bool TryReadLengths(ref DeflateBits input, in HuffmanCode code, scoped Span<byte> lengths)
    {
        int index = 0;
        while (index < lengths.Length)
        {
            int symbol = code.Read(ref input);
            if (symbol < 0 || (symbol == 16 && index == 0) || input.IsOverrun)
            {
                return false;
            }

            if (symbol < 16)
            {
                lengths[index++] = (byte)symbol;
                continue;
            }

            byte repeated = symbol == 16 ? lengths[index - 1] : (byte)0;
            int times = symbol switch { 16 => 3 + input.Take(2), 17 => 3 + input.Take(3), _ => 11 + input.Take(7) };
            if (times > lengths.Length - index)
            {
                return false;
            }

            lengths.Slice(index, times).Fill(repeated);
            index += times;
        }

        return true;
    }

    private static OperationStatus InflateCodes(ref DeflateBits input, ref InflatedOutput output, scoped ReadOnlySpan<byte> lengths, int literals, bool isFixed)
    {
        if (!HuffmanCode.TryCreate(lengths[..literals], mayBeIncomplete: true, out HuffmanCode literalCode)
            || !HuffmanCode.TryCreate(lengths[literals..], mayBeIncomplete: true, out HuffmanCode distanceCode, isFixedDistance: isFixed))
        {
            return OperationStatus.InvalidData;
        }

        while (true)
        {
            int symbol = literalCode.Read(ref input);
            if (symbol < 0 || symbol > LongestLength || input.IsOverrun)
            {
                return OperationStatus.InvalidData;
            }

            if (symbol == EndOfBlock)
            {
                return OperationStatus.Done;
            }

            if (symbol < EndOfBlock)
            {
                if (!output.TryAdd((byte)symbol))
                {
                    return OperationStatus.DestinationTooSmall;
                }

                continue;
            }

            int length = LengthOf(symbol - EndOfBlock - 1, ref input);
            int code = distanceCode.Read(ref input);
            if (code < 0)
            {
                return OperationStatus.InvalidData;
            }

            int distance = DistanceOf(code, ref input);
            if (input.IsOverrun || distance > output.Length)
            {
                return OperationStatus.InvalidData;
            }

            if (!output.TryRepeat(distance, length))
            {
                return OperationStatus.DestinationTooSmall;
            }
        }
    }

    // RFC 1951 section 3.2.5: four codes for each number of extra bits; 3 to 10 and 258 have none.
    private static int LengthOf(int code, ref DeflateBits input)
    {
        if (code < 8)
        {
            return 3 + code;
        }

        if (code == LongestLength - EndOfBlock - 1)
        {
            return 258;
        }

        int extra = (code >> 2) - 1;
        return 3 + ((4 + (code & 3)) << extra) + input.Take(extra);
    }

    // Two codes for each number of extra bits; 1 to 4 have none.
    private static int DistanceOf(int code, ref DeflateBits input)
    {
        if (code < 4)
        {
            return 1 + code;
        }

        int extra = (code >> 1) - 1;
        return 1 + ((2 + (code & 1)) << extra) + input.Take(extra);
    }
}
