using System.Globalization;
using FastGate.HandOver;

namespace FastGate.Tests.HandOver;

/// <summary>
/// Damaged and random states. <c>FASTGATE_FUZZ_ROUNDS</c> sets the number of rounds of each test, <c>FASTGATE_FUZZ_SEED</c> the first seed.
/// </summary>
public sealed class StateFuzzTests
{
    /// <summary>Most bytes that one byte of input may cost: an empty field of five bytes gives an object and its place in a list.</summary>
    private const int MaxMultiple = 24;

    /// <summary>The sizes of the fields of a connection, a session, and the records in it: n has fields, g is a session id, ? is any.</summary>
    private static readonly string[] s_sizes = ["?1?11888888?n", "g1111141118nnnn", "?1???"];

    private static readonly int s_rounds = Setting("FASTGATE_FUZZ_ROUNDS", 4000);
    private static readonly int s_seed = Setting("FASTGATE_FUZZ_SEED", 1);

    [Fact]
    public void Random_bytes_are_no_state()
    {
        var random = new Random(s_seed);
        for (int round = 0; round < s_rounds; round++)
        {
            byte[] bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0 && bytes.Length >= 8)
            {
                StateFormat.Magic.CopyTo(bytes);
            }

            ReadState read = Read(bytes);
            Assert.NotEqual(StateFault.None, read.Fault);
        }
    }

    /// <summary>A file with changed bytes: what is read is what was written, and no descriptor is lost unless all are.</summary>
    [Fact]
    public void A_changed_file_gives_what_was_written_or_refuses_it()
    {
        int refused = 0;
        int partly = 0;
        for (int round = 0; round < s_rounds; round++)
        {
            int seed = s_seed + round;
            var random = new Random(seed);
            GatewayState state = new RandomState(seed / 20).Gateway();
            var output = new MemoryStream();
            StateWriter.Write(output, state);
            byte[] bytes = output.ToArray();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            }

            ReadState read = Read(bytes);
            if (read.Fault != StateFault.None)
            {
                refused++;
                Assert.Empty(read.State.Connections);
                continue;
            }

            partly++;
            Assert.Equal(
                state.Connections.Select(static connection => connection.Descriptor).Concat(state.Listeners.SelectMany(static listener => listener.Descriptors)).Order(),
                Descriptors(read).Order());
            var written = state.Connections.ToDictionary(static connection => connection.Descriptor);
            Assert.All(read.State.Connections, connection => Assert.Equal(StateText.Of(written[connection.Descriptor]), StateText.Of(connection)));
        }

        Assert.True(refused > s_rounds / 100 && partly > s_rounds / 100, $"{refused} refused, {partly} read");
    }

    /// <summary>Records and entries of any content with checksums that fit.</summary>
    [Fact]
    public void Records_of_any_content_are_read_or_refused()
    {
        int readable = 0;
        int unreadable = 0;
        for (int round = 0; round < s_rounds; round++)
        {
            var random = new Random(s_seed + round);
            ReadState read = Read(AnyFile(random));
            Assert.Equal(StateFault.None, read.Fault);
            Assert.Equal(Descriptors(read).Count(), Descriptors(read).Distinct().Count());
            readable += read.State.Connections.Count;
            unreadable += read.Unreadable.Count;
        }

        Assert.True(readable > s_rounds / 4 && unreadable > s_rounds / 4, $"{readable} readable, {unreadable} unreadable");
    }

    private static byte[] AnyFile(Random random)
    {
        var file = new StateFile();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int descriptor = random.Next(-1, 20);
            byte kind = random.Next(3) == 0 ? (byte)random.Next(0, 5) : StateFormat.KindConnection;
            byte[] record = random.Next(3) == 0 ? RecordOf(new RandomState(random.Next(200)).Connection()) : AnyFields(random, 0);
            if (random.Next(3) == 0)
            {
                Damage(record, random);
            }

            if (random.Next(8) == 0)
            {
                file.Add(new StateEntry(
                    descriptor, kind, StateFormat.FlagWhole, random.NextInt64(-10, file.NextOffset + 50), random.Next(-2, 60), 0, random.Next(-2, 60), 0));
            }
            else
            {
                file.Add(descriptor, kind, (byte)(random.Next(256) | StateFormat.FlagWhole), new byte[random.Next(5)], record);
            }
        }

        return file.ToBytes();
    }

    /// <summary>Fields with mostly known tags, nested, with mostly fitting lengths.</summary>
    private static byte[] AnyFields(Random random, int depth)
    {
        string sizes = s_sizes[depth];
        var fields = new (byte, byte[])[random.Next(0, random.Next(20) == 0 ? 200 : 6)];
        for (int i = 0; i < fields.Length; i++)
        {
            int tag = random.Next(100) == 0 ? random.Next(256) : random.Next(1, sizes.Length + 1);
            char size = tag == 0 || tag > sizes.Length || random.Next(20) == 0 ? '?' : sizes[tag - 1];
            fields[i] = ((byte)tag, size switch
            {
                'n' => AnyFields(random, depth + 1),
                'g' => new byte[16],
                '?' => new byte[random.Next(30)],
                _ => new byte[size - '0'],
            });
        }

        return StateFile.Fields(fields);
    }

    private static void Damage(byte[] record, Random random)
    {
        for (int i = random.Next(1, 4); i > 0 && record.Length > 0; i--)
        {
            record[random.Next(record.Length)] = (byte)random.Next(256);
        }
    }

    private static byte[] RecordOf(ConnectionState state)
    {
        var buffer = new StateBuffer();
        ConnectionStateRecord.Write(buffer, state);
        return buffer.Written.ToArray();
    }

    /// <summary>Reads in memory that has nothing after it, and compares what was allocated with the length.</summary>
    private static ReadState Read(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ReadState read = StateReader.Read(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096 + ((long)MaxMultiple * bytes.Length));
        return read;
    }

    private static IEnumerable<int> Descriptors(ReadState read) =>
        read.State.Connections.Select(static connection => connection.Descriptor)
            .Concat(read.Unreadable.Select(static connection => connection.Descriptor))
            .Concat(read.State.Listeners.SelectMany(static listener => listener.Descriptors));

    private static int Setting(string name, int absent) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? absent.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
