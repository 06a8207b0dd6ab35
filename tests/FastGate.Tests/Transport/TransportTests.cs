using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Guarantees that every transport gives to connection handlers.</summary>
public sealed class TransportTests
{
    public static TheoryData<TransportKind> Kinds => [TransportKind.Sockets, TransportKind.EventLoop];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Echo_of_every_size_comes_back(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        foreach (int size in (int[])[1, 125, 4_096, 65_536, 65_537, 300_000, 5_000_000])
        {
            byte[] sent = new byte[size];
            Random.Shared.NextBytes(sent);
            Task<int> sending = socket.SendAsync(sent);
            Assert.Equal(sent, await TransportAssert.ReceiveAsync(socket, size).Within());
            await sending;
        }

        Assert.Equal(1, harness.Transport.ConnectionCount);
        Assert.Equal(1, harness.Count("accepted"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_exception_ends_its_connection_only(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.ThrowOrRunAsync);
        using Socket good = await harness.ConnectAsync();
        for (int i = 0; i < 10; i++)
        {
            using Socket bad = await harness.ConnectAsync();
            await bad.SendAsync("!"u8.ToArray());
            Assert.Equal(0, await bad.ReceiveAsync(new byte[1]).Within());
            await good.SendAsync("good"u8.ToArray());
            Assert.Equal("good"u8.ToArray(), await TransportAssert.ReceiveAsync(good, 4).Within());
        }

        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good connection is left");
        Assert.Equal(10, harness.Count("faults"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_delegate_that_throws_synchronously_ends_its_connection_only(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind)
            .StartAsync(_ => throw new InvalidOperationException("on purpose"));
        for (int i = 0; i < 3; i++)
        {
            using Socket socket = await harness.ConnectAsync();
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }

        await TransportAssert.NoneLeftAsync(harness);
        Assert.Equal(3, harness.Count("faults"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Unbind_refuses_new_connections_and_keeps_open_ones(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("a"u8.ToArray());
        await TransportAssert.ReceiveAsync(socket, 1).Within();
        await harness.Transport.UnbindAsync(CancellationToken.None);
        await Assert.ThrowsAsync<SocketException>(() => harness.ConnectAsync());
        await socket.SendAsync("b"u8.ToArray());
        Assert.Equal("b"u8.ToArray(), await TransportAssert.ReceiveAsync(socket, 1).Within());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Disposing_ends_every_handler(TransportKind kind)
    {
        int ended = 0;
        TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            try
            {
                await connection.Transport.Input.ReadAsync();
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        });
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => harness.ConnectAsync()));
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 20, "all accepted");
        await harness.DisposeAsync();
        Assert.Equal(20, ended);
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_port_in_use_throws_and_port_0_selects_a_port(TransportKind kind)
    {
        await using TransportHarness first = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        var endPoint = (IPEndPoint)first.Transport.EndPoint;
        Assert.NotEqual(0, endPoint.Port);
        foreach (TransportKind other in Enum.GetValues<TransportKind>())
        {
            await using var second = TransportHarness.Create(other);
            await Assert.ThrowsAsync<AddressInUseException>(async () => await second.Transport.BindAsync(endPoint, default));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_connection_has_endpoints_id_items_and_features(TransportKind kind)
    {
        var seen = new TaskCompletionSource<ConnectionContext>();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            seen.SetResult(connection);
            await EchoHandler.RunAsync(connection);
        });
        using Socket socket = await harness.ConnectAsync();
        ConnectionContext connection = await seen.Task.Within();
        Assert.Equal(socket.LocalEndPoint, connection.RemoteEndPoint);
        Assert.Equal(socket.RemoteEndPoint, connection.LocalEndPoint);
        Assert.NotEmpty(connection.ConnectionId);
        Assert.Same(connection.ConnectionId, connection.ConnectionId);
        connection.Items["key"] = "value";
        Assert.Equal("value", connection.Items["key"]);
        Assert.NotNull(connection.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>());
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);
    }
}
