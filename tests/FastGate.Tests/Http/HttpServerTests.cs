using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using FastGate.Diagnostics;
using FastGate.Http.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

public sealed class HttpServerTests
{
    private static readonly HttpMetrics s_metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

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
            s_metrics,
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
            [new HttpListenerOptions("elsewhere", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 8003), static _ => { })], s_metrics, NullLoggerFactory.Instance);

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
            s_metrics,
            NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.EndPointOf("x")}") };

        Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync(new Uri("/bug", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.DeleteAsync(new Uri("/bug", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task At_the_limit_the_longest_idle_connection_is_closed_for_a_new_one()
    {
        await using HttpTestServer server = await new HttpTestServer { PublicConnections = 2 }.StartAsync();
        using TcpClient silent = await ConnectAsync(server);
        using TcpClient first = await ConnectAsync(server);
        await AskAsync(first);

        // The silent connection is the oldest, then the first one.
        using TcpClient second = await ConnectAsync(server);
        await AskAsync(second);
        Assert.True(await IsClosedAsync(silent));
        using TcpClient third = await ConnectAsync(server);
        await AskAsync(third);
        Assert.True(await IsClosedAsync(first));

        // The other listener has its own limit.
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync(new Uri("/api/v1/status", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_connection_in_a_request_is_not_closed_for_a_new_one()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using HttpServer server = Server(new HttpListenerOptions("x", new IPEndPoint(IPAddress.Loopback, 0), routes =>
        {
            routes.MapGet("/wait", async context =>
            {
                asked.SetResult();
                await answer.Task;
                context.Response.StatusCode = StatusCodes.Status204NoContent;
            });
            routes.MapGet("/", static context => context.Response.WriteAsync("x"));
        })
        {
            MaxConnections = 1,
        });
        await server.StartAsync(CancellationToken.None);
        var uri = new Uri($"http://{server.EndPointOf("x")}/");
        using var busy = new HttpClient();
        using var late = new HttpClient();
        Task<HttpResponseMessage> waiting = busy.GetAsync(new Uri(uri, "wait"));
        await asked.Task;
        Task<HttpResponseMessage> next = late.GetAsync(uri);
        answer.SetResult();
        Assert.Equal(HttpStatusCode.NoContent, (await waiting).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await next.WaitAsync(TimeSpan.FromSeconds(20))).StatusCode);
    }

    [Fact]
    public async Task A_connection_that_sends_nothing_is_closed_soon()
    {
        await using HttpServer server = Server(new HttpListenerOptions("x", new IPEndPoint(IPAddress.Loopback, 0), static _ => { })
        {
            FirstByteTimeout = TimeSpan.FromMilliseconds(50),
        });
        await server.StartAsync(CancellationToken.None);
        using var client = new TcpClient();
        await client.ConnectAsync(server.EndPointOf("x"));
        Assert.True(await IsClosedAsync(client));
    }

    private static HttpServer Server(params HttpListenerOptions[] listeners) => new(listeners, s_metrics, NullLoggerFactory.Instance);

    private static async Task<TcpClient> ConnectAsync(HttpTestServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.EndPointOf("http"));
        return client;
    }

    private static async Task<bool> IsClosedAsync(TcpClient client)
    {
        try
        {
            byte[] rest = new byte[4096];
            while (await client.GetStream().ReadAsync(rest).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task AskAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1]));
    }
}
