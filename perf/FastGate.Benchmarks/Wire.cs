using System.Buffers;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks;

/// <summary>Frames as devices send them.</summary>
internal static class Wire
{
    public const uint MaskKey = 0x5A17C3F1;

    public static readonly MessageLimits Limits = new(64 * 1024, 256 * 1024, 64);

    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>(payload.Length + FrameHeader.MaxSize);
        FrameWriter.WriteMaskedFrame(output, opcode, fin: true, payload, MaskKey);
        return output.WrittenSpan.ToArray();
    }
}
