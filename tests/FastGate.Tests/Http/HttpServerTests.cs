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
    public async Task Admin_paths_do_not_exist_on_the_public_listener(string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);

        // The Host header does not select the listener.
        request.Headers.Host = server.EndPointOf("admin").ToString();

        Assert.Equal(HttpStatusCode.NotFound, (await server.Public.SendAsync(request)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Public.DeleteAsync(new Uri(path, UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Admin.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Port_in_use_fails_all_listeners_and_start_can_be_retried()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var held = (IPEndPoint)holder.LocalEndpoint;
        await using var server = new HttpServer(
            [
                new HttpListenerOptions("free", new IPEndPoint(IPAddress.Loopback, 0), static _ => { }),
                new HttpListenerOptions("held", held, static _ => { }),
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
    public async Task Error_names_an_address_that_cannot_be_bound()
    {
        // An address of the documentation block (RFC 5737): no machine has it.
        await using var server = new HttpServer(
            [new HttpListenerOptions("elsewhere", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 8003), static _ => { })], NullLoggerFactory.Instance);

        IOException exception = await Assert.ThrowsAsync<IOException>(() => server.StartAsync(CancellationToken.None));

        Assert.Contains("elsewhere at 192.0.2.1:8003", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throwing_handler_fails_only_its_request()
    {
        await using var server = new HttpServer(
            [
                new HttpListenerOptions("x", new IPEndPoint(IPAddress.Loopback, 0), static routes =>
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
    public async Task Connection_limit_of_one_listener_does_not_affect_the_other()
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
            // A reset, perhaps before the connect completes, closes the connection too.
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
