using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using FastGate.Testing.Tls;
using FastGate.Transport.Tls;

namespace FastGate.Tests.Transport;

/// <summary>TLS on the sockets of both transports.</summary>
public sealed class TlsTransportTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly TlsServer _server = new(new FixedCertificate(), concurrency: 2, pending: 100);

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Many_clients_at_once_get_their_own_bytes_back(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(context => TlsEchoHandler.RunAsync(context, _server));

        await Task.WhenAll(Enumerable.Range(0, 24).Select(async _ =>
        {
            await using SslStream client = await ConnectAsync(harness);
            foreach (int size in (int[])[1, 300, 16_384, 100_000])
            {
                byte[] sent = RandomNumberGenerator.GetBytes(size);
                byte[] received = new byte[size];
                Task sending = client.WriteAsync(sent).AsTask();
                await client.ReadExactlyAsync(received).AsTask().WaitAsync(s_limit);
                await sending;
                Assert.Equal(sent, received);
            }

            // The end of one side is the end of the connection: the server's half follows.
            await client.ShutdownAsync();
            Assert.Equal(0, await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_limit));
        }));
        await TransportAssert.NoneLeftAsync(harness);

        Assert.Equal((24, 0, 0, 0), (_server.Succeeded, _server.Failed, _server.InProgress, _server.Open));
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task A_client_that_resets_during_its_handshake_leaves_nothing(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(context => TlsEchoHandler.RunAsync(context, _server));
        for (int i = 0; i < 10; i++)
        {
            Socket socket = await harness.ConnectAsync();
            using var client = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, _, _, _) =>
            {
                // In the middle of the handshake.
                socket.Close(0);
                return false;
            });
            await Assert.ThrowsAnyAsync<Exception>(() => client.AuthenticateAsClientAsync("gate").WaitAsync(s_limit));
        }

        await TransportAssert.NoneLeftAsync(harness);
        Assert.Equal((0, 0), (_server.InProgress, _server.Open));
    }

    private static async Task<SslStream> ConnectAsync(TransportHarness harness)
    {
        var client = new SslStream(
            new NetworkStream(await harness.ConnectAsync(), ownsSocket: true), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        await client.AuthenticateAsClientAsync("gate").WaitAsync(s_limit);
        return client;
    }
}
