using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using FastGate.Diagnostics;
using FastGate.Http.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

/// <summary>What a restart in place needs of the HTTP listeners: a pause that refuses no connect, and sockets of an earlier program.</summary>
public sealed class HttpServerPauseTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);
    private static readonly HttpMetrics s_metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_connect_during_a_pause_waits_and_is_served_afterwards()
    {
        await using HttpServer server = Create(0);
        await server.StartAsync(CancellationToken.None);
        Assert.Equal("ok", await GetAsync(server, "/fast"));

        await server.PauseAsync(s_timeout);
        Task<string> waiting = GetAsync(server, "/fast");
        using var probe = new TcpClient();
        await probe.ConnectAsync(server.EndPointOf("http"));
        await server.PauseAsync(TimeSpan.Zero);
        Assert.False(waiting.IsCompleted);
        server.Resume();

        Assert.Equal("ok", await waiting.WaitAsync(s_timeout));
        Assert.Equal("ok", await GetAsync(server, "/fast").WaitAsync(s_timeout));
    }

    [Fact]
    public async Task A_pause_waits_for_the_request_in_progress()
    {
        await using HttpServer server = Create(0);
        await server.StartAsync(CancellationToken.None);
        Task<string> slow = GetAsync(server, "/slow");
        await _entered.Task.WaitAsync(s_timeout);

        Task paused = server.PauseAsync(s_timeout);
        Assert.False(paused.IsCompleted);
        _release.SetResult();

        await paused.WaitAsync(s_timeout);
        Assert.Equal("ok", await slow.WaitAsync(s_timeout));
    }

    [Fact]
    public async Task A_pause_ends_at_its_limit()
    {
        await using HttpServer server = Create(0);
        await server.StartAsync(CancellationToken.None);
        Task<string> slow = GetAsync(server, "/slow");
        await _entered.Task.WaitAsync(s_timeout);

        await server.PauseAsync(TimeSpan.FromMilliseconds(1)).WaitAsync(s_timeout);

        server.Resume();
        _release.SetResult();
        Assert.Equal("ok", await slow.WaitAsync(s_timeout));
    }

    [Fact]
    public async Task An_inherited_socket_is_used_with_its_backlog()
    {
        (int descriptor, int port) = Listen();
        await using HttpServer server = Create(port);
        using var early = new TcpClient();
        await early.ConnectAsync(IPAddress.Loopback, port);
        await early.GetStream().WriteAsync("GET /fast HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());

        await server.StartAsync(CancellationToken.None, new Dictionary<string, int> { ["http"] = descriptor });

        Assert.Equal(port, server.EndPointOf("http").Port);
        byte[] status = new byte[12];
        await early.GetStream().ReadExactlyAsync(status).AsTask().WaitAsync(s_timeout);
        Assert.Equal("HTTP/1.1 200"u8.ToArray(), status);
        Assert.Equal(descriptor, server.Descriptors.Single().Descriptor);
    }

    [Fact]
    public async Task An_inherited_socket_of_another_address_is_closed_and_the_configured_one_bound()
    {
        (int descriptor, int port) = Listen();
        (int free, int other) = Listen();
        new Socket(new SafeSocketHandle(free, ownsHandle: true)).Dispose();
        await using HttpServer server = Create(other);

        await server.StartAsync(CancellationToken.None, new Dictionary<string, int> { ["http"] = descriptor });

        Assert.Equal(other, server.EndPointOf("http").Port);
        using var client = new TcpClient();
        await Assert.ThrowsAnyAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, port));
    }

    private static (int Descriptor, int Port) Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        // The descriptor has another owner from here on.
        socket.SafeHandle.SetHandleAsInvalid();
        return (descriptor, port);
    }

    private static async Task<string> GetAsync(HttpServer server, string path)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return await client.GetStringAsync(new Uri($"http://{server.EndPointOf("http")}{path}"));
    }

    private HttpServer Create(int port) => new(
        [
            new HttpListenerOptions("http", new IPEndPoint(IPAddress.Loopback, port), routes =>
            {
                routes.MapGet("/fast", static context => context.Response.WriteAsync("ok"));
                routes.MapGet("/slow", async context =>
                {
                    _entered.SetResult();
                    await _release.Task;
                    await context.Response.WriteAsync("ok");
                });
            }),
        ],
        s_metrics,
        NullLoggerFactory.Instance);
}
