using System.Net.Security;
using System.Net.Sockets;
using FastGate.Testing.Tls;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;

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
    public Task An_idle_connection_stays_below_its_budget(TransportKind kind, int budget) => AssertBelowAsync(kind, budget, Connections, EchoHandler.RunAsync, static socket =>
    {
        // An asynchronous call would leave objects with the socket.
        socket.Send("x"u8);
        Assert.Equal(1, socket.Receive(new byte[1]));
        return Task.FromResult<IDisposable>(socket);
    });

    /// <summary>Of the clients, only their sockets count: the library's object of a client is collected, while its socket stays open.</summary>
    [Theory]
    [InlineData(TransportKind.Sockets, 12 * 1024)]
    [InlineData(TransportKind.EventLoop, 12 * 1024)]
    public Task An_idle_connection_with_tls_stays_below_its_budget(TransportKind kind, int budget)
    {
        var server = new TlsServer(new FixedCertificate(), concurrency: 2, pending: 100);
        return AssertBelowAsync(kind, budget, Connections, context => TlsEchoHandler.RunAsync(context, server), static socket =>
        {
            var client = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: true, static (_, certificate, _, _) => certificate is not null);
            client.AuthenticateAsClient("gate");
            client.Write("x"u8);
            Assert.Equal(1, client.Read(new byte[1]));
            return Task.FromResult<IDisposable>(socket);
        });
    }

    private static async Task AssertBelowAsync(TransportKind kind, int budget, int connections, ConnectionDelegate handler, Func<Socket, Task<IDisposable>> speak)
    {
        long least = long.MaxValue;
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(handler);
        for (int round = 0; round <= Rounds; round++)
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            var clients = new IDisposable[connections];
            for (int i = 0; i < clients.Length; i++)
            {
                clients[i] = await speak(await harness.ConnectAsync());
            }

            // Other tests in this process allocate, and free what they have allocated before: a round in which more was freed says nothing.
            long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / connections;
            least = round == 0 || each <= 0 ? least : Math.Min(least, each);
            Array.ForEach(clients, static client => client.Dispose());
            await TransportAssert.NoneLeftAsync(harness);
        }

        Assert.InRange(least, 1, budget);
    }
}
