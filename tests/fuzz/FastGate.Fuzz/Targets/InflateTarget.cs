using System.Buffers;
using FastGate.Protocol.Deflate;
using FastGate.Protocol.Handshake;

namespace FastGate.Fuzz.Targets;

/// <summary>Compressed messages and the offer of a client. What the server compresses must come back as it was.</summary>
internal static class InflateTarget
{
    private const int Limit = 64 * 1024;

    public static void Run(byte[] input)
    {
        _ = Inflater.Inflate(input, Limit, out byte[] buffer, out int length);
        FuzzException.ThrowUnless(length <= Limit, "The message is longer than its limit.");
        ArrayPool<byte>.Shared.Return(buffer);

        DeflateTerms terms = default;
        _ = DeflateOffer.TryRead(input, ref terms);

        byte[] compressed = new byte[input.Length];
        int size = Deflater.Deflate(input, compressed, windowBits: 15);
        if (size > 0)
        {
            OperationStatus status = Inflater.Inflate(compressed.AsSpan(0, size), input.Length, out buffer, out length);
            FuzzException.ThrowUnless(status == OperationStatus.Done && buffer.AsSpan(0, length).SequenceEqual(input), "A compressed message does not come back.");
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
