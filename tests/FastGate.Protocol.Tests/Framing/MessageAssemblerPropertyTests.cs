using FastGate.Protocol.Framing;
using FsCheck;
using FsCheck.Fluent;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerPropertyTests
{
    /// <summary>Any list of messages, however fragmented, with control frames strewn in, however cut, is read as it was sent.</summary>
    [Fact]
    public void Any_messages_any_fragments_any_cuts_are_read_as_sent() =>
        Prop.ForAll<byte[][], int[], int[]>((messages, fragments, cuts) =>
        {
            var wire = new Wire();
            string expected = "";
            int next = 0;
            foreach (byte[] message in messages ?? [])
            {
                expected += Send(wire, message ?? [], fragments ?? [], ref next);
            }

            return Transcript.Read(wire.Bytes, Transcript.Roomy, Sizes(cuts)) == $"{expected}between messages";
        }).QuickCheckThrowOnFailure();

    /// <summary>Any bytes at all: the result does not depend on the cuts, and nothing throws or stays rented.</summary>
    [Fact]
    public void Any_bytes_any_cuts_give_what_the_whole_gives() =>
        Prop.ForAll<byte[], int[]>((bytes, cuts) =>
        {
            bytes ??= [];
            return Transcript.Read(bytes, Transcript.Roomy) == Transcript.Read(bytes, Transcript.Roomy, Sizes(cuts));
        }).QuickCheckThrowOnFailure();

    /// <summary>Valid wires with single bits turned: noise alone seldom gets past the first byte.</summary>
    [Fact]
    public void Damaged_wires_any_cuts_give_what_the_whole_gives()
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
                // Empty fragments must end some time.
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
