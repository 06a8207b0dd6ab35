using FastGate.Protocol.Framing;
using FsCheck.Xunit;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerPropertyTests
{
    /// <summary>Binary messages in random fragments, with pings between them.</summary>
    [Property]
    public void Messages_are_read_as_sent_for_any_fragments_and_cuts(byte[][] messages, int[] fragments, int[] cuts)
    {
        var wire = new Wire();
        string expected = "";
        int next = 0;
        foreach (byte[] message in messages ?? [])
        {
            expected += Send(wire, message ?? [], fragments ?? [], ref next);
        }

        Assert.Equal($"{expected}between messages", Transcript.Read(wire.Bytes, Transcript.Roomy, Sizes(cuts)));
    }

    [Property]
    public void Any_bytes_give_the_same_result_for_any_cuts(byte[] bytes, int[] cuts)
    {
        bytes ??= [];
        Assert.Equal(Transcript.Read(bytes, Transcript.Roomy), Transcript.Read(bytes, Transcript.Roomy, Sizes(cuts)));
    }

    /// <summary>Valid input with one flipped bit, because random bytes seldom get past the first byte.</summary>
    [Fact]
    public void Input_with_one_flipped_bit_gives_the_same_result_for_any_cuts()
    {
        byte[] good = new Wire().Add(Opcode.Text, "aé汉🙂", fin: false).Add(Opcode.Ping, "12").Add(Opcode.Continuation, "é", fin: false)
            .Add(Opcode.Continuation, "").Add(Opcode.Binary, new byte[200]).Add(Opcode.Close, [0x03, 0xE8]).Bytes;
        var random = new Random(42);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] damaged = [.. good];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            string whole = Transcript.Read(damaged, Transcript.Roomy);
            Assert.Equal(whole, Transcript.Read(damaged, Transcript.Roomy, 1));
            Assert.Equal(whole, Transcript.Read(damaged, Transcript.Roomy, random.Next(1, 9), random.Next(1, 40), random.Next(1, 90)));
        }
    }

    private static string Send(Wire wire, byte[] message, int[] fragments, ref int next)
    {
        string controls = "";
        int at = 0;
        Opcode opcode = Opcode.Binary;
        while (true)
        {
            int size = fragments.Length == 0 ? message.Length : (int)((uint)fragments[next++ % fragments.Length] % 20);
            bool fin = at + size >= message.Length;
            wire.Add(opcode, message.AsSpan(at, Math.Min(size, message.Length - at)), fin);
            at += size;
            opcode = Opcode.Continuation;
            if (fin)
            {
                return $"{controls}Binary {Convert.ToHexString(message)}\n";
            }

            if (size == 0)
            {
                // No more empty fragments, so that the message ends.
                fragments = [];
            }

            if (size % 3 == 1)
            {
                wire.Add(Opcode.Ping, [(byte)size]);
                controls += $"Ping {size:X2}\n";
            }
        }
    }

    private static int[] Sizes(int[]? cuts) => cuts is null or [] ? [int.MaxValue] : [.. cuts.Select(cut => 1 + (int)((uint)cut % 30))];
}
