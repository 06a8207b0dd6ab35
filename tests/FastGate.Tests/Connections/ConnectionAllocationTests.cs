using System.IO.Pipelines;
using FastGate.Configuration.Options;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>Budgets of the whole path: receiving a message and sending its reply allocates nothing.</summary>
public sealed class ConnectionAllocationTests
{
    private const int Rounds = 20;
    private const int Messages = 100;

    [Fact]
    public async Task Ping_and_pong_allocate_nothing()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();

        Assert.Equal(0, Measure(device, Opcode.Text, """{"type":"ping"}"""u8.ToArray()));
    }

    [Fact]
    public async Task Pings_in_one_read_allocate_nothing()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();

        Assert.Equal(0, Measure(device, Opcode.Text, """{"type":"ping"}"""u8.ToArray(), times: 16));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(16 * 1024)]
    public async Task Echo_allocates_nothing(int length)
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true });
        ScriptedDevice device = await harness.UpgradedAsync();

        Assert.Equal(0, Measure(device, Opcode.Binary, new byte[length]));
    }

    [Fact]
    public async Task Normal_connection_never_creates_the_connection_id()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = harness.Connect(out InMemoryConnection? connection);
        await device.UpgradeAsync();
        await device.SendTextAsync("""{"type":"ping"}""");

        connection.CloseFromPeer();

        await harness.EndAsync();
        Assert.False(connection.IsIdCreated);
    }

    /// <summary>The in-memory pipes run all continuations inline, so everything is allocated on this thread.</summary>
    private static long Measure(ScriptedDevice device, Opcode opcode, byte[] payload, int times = 1)
    {
        InMemoryConnection connection = device.Connection;
        void Exchange()
        {
            for (int i = 0; i < times; i++)
            {
                FrameWriter.WriteMaskedFrame(connection.PeerOutput, opcode, fin: true, payload, 0x01020304);
            }

            ValueTask<FlushResult> flush = connection.PeerOutput.FlushAsync();
            Assert.True(flush.IsCompletedSuccessfully && !flush.Result.IsCompleted);
            Assert.True(connection.PeerInput.TryRead(out ReadResult answer) && answer.Buffer.Length > (payload.Length - 2) * times);
            connection.PeerInput.AdvanceTo(answer.Buffer.End);
        }

        // The minimum of several rounds, because the in-memory pipes occasionally rent another block.
        long minimum = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++)
            {
                Exchange();
            }

            minimum = Math.Min(minimum, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return minimum;
    }
}
