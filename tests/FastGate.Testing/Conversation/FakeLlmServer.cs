using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastGate.Testing.Conversation;

/// <summary>
/// A real HTTP server on its own port that answers as scripted. Derived classes write the protocol. Counts requests and closed connections.
/// </summary>
internal abstract class FakeLlmServer : IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>Requests started.</summary>
    public CountSignal Requests { get; } = new();

    /// <summary>Requests whose client closed the connection before the end of the reply.</summary>
    public CountSignal Gone { get; } = new();

    /// <summary>Replies sent completely.</summary>
    public CountSignal Finished { get; } = new();

    public ConcurrentQueue<FakeLlmRequest> Received { get; } = new();

    /// <summary>The reply to a request, by its number (from 1) and content.</summary>
    public required Func<int, FakeLlmRequest, LlmReply> Script { get; set; }

    public string Address { get; private set; } = string.Empty;

    /// <summary>Port 0 picks a free port; a fixed port is for a provider that restarts.</summary>
    public async Task StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Limits.MinResponseDataRate = null);
        builder.WebHost.UseKestrel(options => options.Listen(System.Net.IPAddress.Loopback, port));
        _app = builder.Build();
        _app.Run(HandleAsync);
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
        }
    }

    protected abstract string StreamStart { get; }

    protected abstract string Token(string text);

    /// <summary>The call in pieces, as servers stream it.</summary>
    protected abstract string ToolCall(int index, LlmToolCall call);

    protected abstract string StreamEnd(int tokens, bool calls);

    protected abstract string Error(int status);

    private async Task HandleAsync(HttpContext context)
    {
        FakeLlmRequest request;
        using (JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body))
        {
            request = FakeLlmRequest.Read(context, body.RootElement);
        }

        Received.Enqueue(request);
        LlmReply reply = Script(Requests.Increment(), request);
        try
        {
            await AnswerAsync(context, reply);
            Finished.Increment();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Gone.Increment();
        }
    }

    private async Task AnswerAsync(HttpContext context, LlmReply reply)
    {
        CancellationToken gone = context.RequestAborted;
        if (reply.End == LlmReplyEnd.NoStatus)
        {
            await Task.Delay(Timeout.Infinite, gone);
        }

        if (reply.Status != 200)
        {
            context.Response.StatusCode = reply.Status;
            if (reply.RetryAfter is { } after)
            {
                context.Response.Headers.RetryAfter = after;
            }

            context.Response.ContentType = "application/json";
            if (reply.End == LlmReplyEnd.Silence)
            {
                await SendAsync(context, "{");
                await Task.Delay(Timeout.Infinite, gone);
            }

            await context.Response.WriteAsync(reply.ErrorBody ?? Error(reply.Status), gone);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        if (reply.Raw is { } raw)
        {
            await context.Response.Body.WriteAsync(raw, gone);
            return;
        }

        await reply.Before.WaitAsync(gone);
        await SendAsync(context, StreamStart);
        do
        {
            foreach (string token in reply.Tokens)
            {
                await SendAsync(context, Token(token));
                if (reply.Pace > TimeSpan.Zero)
                {
                    await Task.Delay(reply.Pace, gone);
                }
            }
        }
        while (reply.End == LlmReplyEnd.Never);

        for (int i = 0; i < reply.ToolCalls.Count; i++)
        {
            await SendAsync(context, ToolCall(i, reply.ToolCalls[i]));
        }

        switch (reply.End)
        {
            case LlmReplyEnd.Proper:
                await SendAsync(context, StreamEnd(reply.Tokens.Count, reply.ToolCalls.Count > 0));
                break;
            case LlmReplyEnd.Silence:
                await Task.Delay(Timeout.Infinite, gone);
                break;
            case LlmReplyEnd.Abort:
                await reply.BeforeEnd.WaitAsync(gone);
                context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
                break;
            default:
                break;
        }
    }

    private static async Task SendAsync(HttpContext context, string text)
    {
        context.RequestAborted.ThrowIfCancellationRequested();
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
