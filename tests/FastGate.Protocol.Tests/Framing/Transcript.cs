using System.Buffers;
using System.Globalization;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>Output of an assembler for input that arrives in pieces: one line per message, then the error or the final state.</summary>
internal static class Transcript
{
    public static readonly MessageLimits Roomy = new(1 << 20, 1 << 20, 1000);

    /// <summary>Reads the input in pieces of the given sizes; the last size repeats.</summary>
    public static string Read(byte[] wire, MessageLimits limits, params int[] sizes) => Read(wire, limits, sizes, saves: false);

    /// <summary>As <see cref="Read(byte[],MessageLimits,int[])"/>, and each piece is read by an assembler restored from the state of the one before.</summary>
    public static string ReadSaved(byte[] wire, MessageLimits limits, params int[] sizes) => Read(wire, limits, sizes, saves: true);

    private static string Read(byte[] wire, MessageLimits limits, int[] sizes, bool saves)
    {
        var lines = new StringBuilder();
        var assembler = default(MessageAssembler);
        int piece = 0;
        for (int offset = 0; offset < wire.Length;)
        {
            int size = Math.Min(sizes[Math.Min(piece++, sizes.Length - 1)], wire.Length - offset);
            if (!Feed(ref assembler, wire.AsSpan(offset, size), limits, lines))
            {
                break;
            }

            offset += size;
            if (saves)
            {
                assembler = SaveAndRestore(ref assembler, limits);
            }
        }

        lines.Append(assembler.IsInProgress ? "in progress" : "between messages");
        assembler.Dispose();
        Assert.Equal(0, assembler.RentedBytes);
        return lines.ToString();
    }

    /// <summary>Replaces the assembler, whose memory is overwritten, by one restored from its saved state.</summary>
    public static MessageAssembler SaveAndRestore(ref MessageAssembler assembler, MessageLimits limits)
    {
        var output = new ArrayBufferWriter<byte>();
        assembler.Save(output);
        Assert.Equal(assembler.SavedLength, output.WrittenCount);
        assembler.Dispose();
        PoisonedPool.Poison(1024);
        Assert.True(MessageAssembler.TryRestore(output.WrittenSpan, limits, out MessageAssembler restored));
        return restored;
    }

    public static string Read(byte[] wire, MessageLimits limits) => Read(wire, limits, Math.Max(1, wire.Length));

    /// <summary>Asserts that the input gives the same output whole, cut in two at each offset, and in small pieces.</summary>
    public static string ReadEveryCut(byte[] wire, MessageLimits limits)
    {
        string whole = Read(wire, limits);
        for (int cut = 0; cut <= wire.Length; cut++)
        {
            Assert.Equal(whole, Read(wire, limits, cut, Math.Max(1, wire.Length)));
        }

        Assert.Equal(whole, Read(wire, limits, 1));
        Assert.Equal(whole, Read(wire, limits, 2, 5, 3, 1, 7, 11, 4, 13, 6));
        Assert.Equal(whole, Read(wire, limits, 3));
        return whole;
    }

    /// <summary>
    /// Gives a piece to the assembler in its own array between guard bytes, and overwrites the array afterwards, so that a later read of it is
    /// detected.
    /// </summary>
    private static bool Feed(ref MessageAssembler assembler, ReadOnlySpan<byte> piece, MessageLimits limits, StringBuilder lines)
    {
        const int Guard = 16;
        byte[] memory = new byte[piece.Length + (2 * Guard)];
        Array.Fill(memory, (byte)0x88);
        Span<byte> input = memory.AsSpan(Guard, piece.Length);
        piece.CopyTo(input);
        while (true)
        {
            switch (assembler.Read(ref input, limits, out AssembledMessage message))
            {
                case OperationStatus.Done:
                    Append(lines, message);
                    break;
                case OperationStatus.NeedMoreData:
                    Assert.True(input.IsEmpty);
                    Assert.Equal(FrameError.None, assembler.Error);
                    AssertGuards(memory, Guard);
                    Array.Fill(memory, (byte)0xDB);
                    return true;
                default:
                    Assert.True(input.IsEmpty);
                    Assert.NotEqual(FrameError.None, assembler.Error);
                    Assert.Equal(0, assembler.RentedBytes);
                    AssertGuards(memory, Guard);
                    lines.Append(CultureInfo.InvariantCulture, $"{assembler.Error} {(int)assembler.Error.ToCloseStatus()}\n");
                    return false;
            }
        }
    }

    private static void Append(StringBuilder lines, AssembledMessage message)
    {
        string payload = message.Opcode == Opcode.Text
            ? Encoding.UTF8.GetString(message.Payload)
            : Convert.ToHexString(message.Payload);
        lines.Append(CultureInfo.InvariantCulture, $"{message.Opcode} {payload}\n");
    }

    private static void AssertGuards(byte[] memory, int guard)
    {
        Assert.True(memory.AsSpan(0, guard).IndexOfAnyExcept((byte)0x88) < 0);
        Assert.True(memory.AsSpan(memory.Length - guard).IndexOfAnyExcept((byte)0x88) < 0);
    }
}
