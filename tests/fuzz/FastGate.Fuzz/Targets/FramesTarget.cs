using System.Buffers;
using System.Text;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;

namespace FastGate.Fuzz.Targets;

/// <summary>Frames and the messages that they form. The first byte chooses the size of the pieces; the messages must not depend on it.</summary>
internal static class FramesTarget
{
    private static readonly MessageLimits s_limits = new(Frame: 4096, Message: 8192, Fragments: 16);

    public static void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        byte[] frames = input[1..];
        string whole = Read(frames, frames.Length);
        FuzzException.ThrowUnless(whole == Read(frames, 1 + (input[0] % 37)), "The messages depend on the pieces of the stream.");
        FuzzException.ThrowUnless((UsualPing.Count(frames) > 0) == AreUsualPings(frames, whole), "Usual pings are counted where the frame reader reads something else.");
    }

    /// <summary>The same by the frame reader: no other frames of these messages are so short.</summary>
    private static bool AreUsualPings(byte[] frames, string messages)
    {
        int count = frames.Length / UsualPing.FrameSize;
        string ping = $"{Opcode.Text} {Convert.ToHexString(UsualPing.Message)}\n";
        return count > 0 && frames.Length % UsualPing.FrameSize == 0 && messages == string.Concat(Enumerable.Repeat(ping, count));
    }

    private static string Read(byte[] frames, int size)
    {
        // Payloads are unmasked in place.
        byte[] stream = [.. frames];
        var found = new StringBuilder();
        var assembler = new MessageAssembler();
        try
        {
            for (int at = 0; at < stream.Length; at += size)
            {
                Span<byte> piece = stream.AsSpan(at, Math.Min(size, stream.Length - at));
                OperationStatus status;
                while ((status = assembler.Read(ref piece, s_limits, out AssembledMessage message)) == OperationStatus.Done)
                {
                    FuzzException.ThrowUnless(message.Payload.Length <= s_limits.Message, "A message is longer than its limit.");
                    found.Append(message.Opcode).Append(' ').Append(Convert.ToHexString(message.Payload)).Append('\n');
                    if (message.Opcode == Opcode.Close)
                    {
                        _ = ClosePayload.TryRead(message.Payload, out _, out _, out _);
                    }
                }

                if (status == OperationStatus.InvalidData)
                {
                    return found.Append(assembler.Error).ToString();
                }

                FuzzException.ThrowUnless(piece.IsEmpty, "Input is left.");
            }

            return found.ToString();
        }
        finally
        {
            assembler.Dispose();
            FuzzException.ThrowUnless(assembler.RentedBytes == 0, "Memory was not returned.");
        }
    }
}
