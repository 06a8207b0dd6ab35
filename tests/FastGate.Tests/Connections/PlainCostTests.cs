using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Speech;
using FastGate.Testing;
using FastGate.Testing.Tls;
using FastGate.Tests.Speech;
using FastGate.Transport.Tls;

namespace FastGate.Tests.Connections;

/// <summary>A plain connection of a device that sends text costs the same with and without certificates and speech. Never in parallel with other tests.</summary>
[Collection(nameof(Transport.TransportStressTests))]
public sealed class PlainCostTests
{
    private const int Rounds = 60;
    private const int Messages = 20;

    [Fact]
    public void A_certificate_adds_no_allocation_to_a_plain_connection()
    {
        using var without = new ConnectionHarness(new DeviceOptions { Echo = true });
        using var with = new ConnectionHarness(new DeviceOptions { Echo = true }, tls: new TlsServer(new FixedCertificate(), concurrency: 2, pending: 2));

        AssertSame(without, with, "a message");
    }

    [Fact]
    public void Speech_adds_no_allocation_to_a_connection_that_sends_text()
    {
        using var without = new ConnectionHarness();
        using var with = new ConnectionHarness(voices: new SpeechProviders(new FakeRecognizer(), new FakeSynthesizer()));

        AssertSame(without, with, """{"type":"ping"}""");
    }

    private static void AssertSame(ConnectionHarness without, ConnectionHarness with, string message)
    {
        (long least, long leastWith) = (long.MaxValue, long.MaxValue);

        // The least of many: now and then a table grows, or code is compiled again.
        for (int round = 0; round < Rounds; round++)
        {
            least = Math.Min(least, Serve(without, round, message));
            leastWith = Math.Min(leastWith, Serve(with, round, message));
        }

        Assert.Equal(least, leastWith);

        // No limit refused one.
        Assert.Equal((Rounds, Rounds), (without.Metrics.EndedBy(ConnectionEndReason.PeerClosed), with.Metrics.EndedBy(ConnectionEndReason.PeerClosed)));
    }

    /// <summary>The bytes that a connection's life allocates. The server runs within the writes, on this thread.</summary>
    private static long Serve(ConnectionHarness harness, int round, string message)
    {
        // Each is a device of its own: one that connects so often is banned.
        string request = ScriptedDevice.Request(headers: $"Device-Id: plain-{round:D4}\r\n");
        var connection = new InMemoryConnection();
        var device = new ScriptedDevice(connection);
        long before = GC.GetAllocatedBytesForCurrentThread();
        harness.Connect(connection);
        Complete(device.SendAsync(request));
        for (int i = 0; i < Messages; i++)
        {
            Complete(device.SendTextAsync(message));
        }

        Complete(device.SendCloseAsync(CloseStatus.Normal));
        connection.PeerOutput.Complete();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, harness.Registry.Count);
        return allocated;
    }

    private static void Complete<T>(ValueTask<T> sending) => Assert.True(sending.IsCompletedSuccessfully);
}
