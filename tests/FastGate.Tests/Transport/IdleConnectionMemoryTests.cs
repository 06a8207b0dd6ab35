using System.Net.Sockets;

namespace FastGate.Tests.Transport;

/// <summary>
/// Managed memory of a connection that has spoken and waits for the next byte. The clients' sockets count too: they are the same for every
/// transport. Never in parallel with other tests.
/// </summary>
[Collection(nameof(TransportStressTests))]
public sealed class IdleConnectionMemoryTests
{
    private const int Connections = 500;
    private const int Rounds = 3;

    [Theory]
    [InlineData(TransportKind.Sockets, 3_200)]
    [InlineData(TransportKind.EventLoop, 1_500)]
    public async Task An_idle_connection_stays_below_its_budget(TransportKind kind, int budget)
    {
        long least = long.MaxValue;
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        for (int round = 0; round <= Rounds; round++)
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            var sockets = new Socket[Connections];
            for (int i = 0; i < sockets.Length; i++)
            {
                sockets[i] = await harness.ConnectAsync();
                sockets[i].Send("x"u8);
                Assert.Equal(1, sockets[i].Receive(new byte[1]));
            }

            // Other tests in this process allocate, and free what they have allocated before: a round in which more was freed says nothing.
            long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Connections;
            least = round == 0 || each <= 0 ? least : Math.Min(least, each);
            Array.ForEach(sockets, static socket => socket.Dispose());
            await TransportAssert.NoneLeftAsync(harness);
        }

        Assert.InRange(least, 1, budget);
    }
}
