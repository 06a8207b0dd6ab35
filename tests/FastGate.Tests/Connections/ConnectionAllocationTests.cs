using System.IO.Pipelines;
using FastGate.Configuration.Options;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>Guards the budgets of the road: a message in and its answer out allocate nothing.</summary>
public sealed class ConnectionAllocationTests
{
    private const int Rounds = 20;
    private const int Messages = 100;

    [Fact]
    public async Task A_ping_and_its_pong_allocate_nothing()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();

        Assert.Equal(0, Measure(harness, device, Opcode.Text, """{"type":"ping"}"""u8.ToArray()));
    }

    [Fact]
    public async Task An_echo_allocates_nothing()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true });
        ScriptedDevice device = await harness.UpgradedAsync();

        Assert.Equal(0, Measure(harness, device, Opcode.Binary, new byte[1024]));
    }

    [Fact]
    public async Task A_life_without_trouble_asks_for_nothing_the_transport_would_have_to_make()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = harness.Connect(out InMemoryConnection? connection);
        await device.UpgradeAsync();
        await device.SendTextAsync("""{"type":"ping"}""");

        connection.CloseFromPeer();

        await harness.EndAsync();
        Assert.False(connection.IdWasAskedFor);
    }

    /// <summary>
    /// The pipes of the double run everything inline, so that all of it happens on this thread. The answers are taken out each time.
    /// </summary>
    private static long Measure(ConnectionHarness harness, ScriptedDevice device, Opcode opcode, byte[] payload)
    {
        InMemoryConnection connection = device.Connection;
        void Exchange()
        {
            FrameWriter.WriteMaskedFrame(connection.PeerOutput, opcode, fin: true, payload, 0x01020304);
            ValueTask<FlushResult> flush = connection.PeerOutput.FlushAsync();
            Assert.True(flush.IsCompletedSuccessfully && !flush.Result.IsCompleted);
            Assert.True(connection.PeerInput.TryRead(out ReadResult answer) && answer.Buffer.Length > payload.Length - 2);
            connection.PeerInput.AdvanceTo(answer.Buffer.End);
        }

        // The least of several rounds: the pipes of the double now and then rent another block.
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++)
            {
                Exchange();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
