using FastGate.Testing.Conversation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Speech;

/// <summary>A real HTTP and WebSocket server on a free port. Each request is answered by its number, from 1.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<int, HttpContext, Task> _answer;

    private LoopbackServer(Func<int, HttpContext, Task> answer)
    {
        _answer = answer;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static options =>
        {
            options.Limits.MinResponseDataRate = null;
            options.Listen(System.Net.IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(HandleAsync);
    }

    /// <summary>Requests that have begun.</summary>
    public CountSignal Requests { get; } = new();

    /// <summary>Requests that have ended, also because the client has gone.</summary>
    public CountSignal Ended { get; } = new();

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<LoopbackServer> StartAsync(Func<int, HttpContext, Task> answer)
    {
        var server = new LoopbackServer(answer);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers nothing until the client has gone.</summary>
    public static async Task HangAsync(HttpContext context) =>
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Writes each piece on its own.</summary>
    public static async Task WriteAsync(HttpContext context, byte[] bytes, int pieceSize)
    {
        for (int i = 0; i < bytes.Length; i += pieceSize)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(i, Math.Min(pieceSize, bytes.Length - i)));
            await context.Response.Body.FlushAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            await _answer(Requests.Increment(), context);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or System.Net.WebSockets.WebSocketException)
        {
            // The client has gone.
        }
        finally
        {
            Ended.Increment();
        }
    }
}
