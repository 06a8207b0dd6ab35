using System.Net;
using System.Net.Sockets;
using FastGate.Http.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

public sealed class HttpServerTests
{
    [Theory]
    [InlineData("/metrics")]
    [InlineData("/api/v1/status")]
    [InlineData("/api/v1/devices/x/memory")]
    public async Task What_the_admin_door_serves_does_not_exist_at_the_public_one(string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);

        // The host and port a client claims choose no door.
        request.Headers.Host = server.EndPointOf("admin").ToString();

        Assert.Equal(HttpStatusCode.NotFound, (await server.Public.SendAsync(request)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Public.DeleteAsync(new Uri(path, UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Admin.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_held_fails_all_doors_and_may_be_tried_again()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var held = (IPEndPoint)holder.LocalEndpoint;
        await using var server = new HttpServer(
            [
                new HttpListenerDefinition("free", new IPEndPoint(IPAddress.Loopback, 0), static _ => { }),
                new HttpListenerDefinition("held", held, static _ => { }),
            ],
            NullLoggerFactory.Instance);

        IOException exception = await Assert.ThrowsAsync<IOException>(() => server.StartAsync(CancellationToken.None));
        Assert.IsType<AddressInUseException>(exception.InnerException);

        holder.Stop();
        await server.StartAsync(CancellationToken.None);
        Assert.Equal(held, server.EndPointOf("held"));
        Assert.NotEqual(0, server.EndPointOf("free").Port);
    }

    [Fact]
    public async Task An_address_that_is_not_ours_is_named()
    {
        // Of the block for documentation (RFC 5737): no machine has it.
        await using var server = new HttpServer(
            [new HttpListenerDefinition("elsewhere", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 8003), static _ => { })], NullLoggerFactory.Instance);

        IOException exception = await Assert.ThrowsAsync<IOException>(() => server.StartAsync(CancellationToken.None));

        Assert.Contains("elsewhere at 192.0.2.1:8003", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_throws_costs_one_answer()
    {
        await using var server = new HttpServer(
            [
                new HttpListenerDefinition("x", new IPEndPoint(IPAddress.Loopback, 0), static routes =>
                    routes.MapGet("/bug", static _ => throw new InvalidOperationException("bug"))),
            ],
            NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.EndPointOf("x")}") };

        Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync(new Uri("/bug", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.DeleteAsync(new Uri("/bug", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_crowd_at_the_public_door_leaves_the_admin_door_free()
    {
        await using HttpTestServer server = await new HttpTestServer { PublicConnections = 2 }.StartAsync();
        using var first = new TcpClient();
        using var second = new TcpClient();
        await first.ConnectAsync(server.EndPointOf("http"));
        await second.ConnectAsync(server.EndPointOf("http"));
        await AskAsync(first);
        await AskAsync(second);

        using var third = new TcpClient();
        int read = 0;
        try
        {
            await third.ConnectAsync(server.EndPointOf("http"));
            read = await third.GetStream().ReadAsync(new byte[1]);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Reset instead of ended, perhaps before the connect is told of its success: closed all the same.
        }

        Assert.Equal(0, read);
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync(new Uri("/api/v1/status", UriKind.Relative))).StatusCode);
    }

    private static async Task AskAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1]));
    }
}
