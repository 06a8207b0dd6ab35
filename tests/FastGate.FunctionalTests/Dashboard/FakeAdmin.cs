using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Dashboard;

/// <summary>
/// An admin listener with scripted answers, so that a test decides what the dashboard is given: names with markup, refusals, streams that break. The page
/// and its files are those of a real server.
/// </summary>
public sealed class FakeAdmin : IDisposable
{
    private const string Prefix = "/api/v1/";

    private readonly HttpListener _listener = new();
    private readonly GatewayProcess _real;
    private readonly HttpClient _http = new();
    private readonly ConcurrentDictionary<string, Channel<string>> _streams = new();

    public FakeAdmin(GatewayProcess real)
    {
        _real = real;
        int port = FreePort.Next();
        Address = new Uri($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>Null: no token is needed.</summary>
    public string? Token { get; set; }

    public string Role { get; set; } = "Operate";

    /// <summary>Status and body of "METHOD path", without the query.</summary>
    public ConcurrentDictionary<string, (int Status, string Body)> Answers { get; } = new(CannedAnswers.All());

    public ConcurrentQueue<AdminRequest> Requests { get; } = new();

    /// <summary>All requests that change something.</summary>
    public IEnumerable<AdminRequest> Acts => Requests.Where(static request => request.Method != "GET");

    /// <summary>Sends to the reader of a stream, now or as soon as there is one.</summary>
    public void Send(string stream, string text) => StreamOf(stream).Writer.TryWrite(text);

    public void SendOverview(string json) => Send("events", $"event: overview\ndata: {json}\n\n");

    /// <summary>Ends the stream that is open; the next request gets a new one.</summary>
    public void End(string stream)
    {
        if (_streams.TryRemove(stream, out Channel<string>? ended))
        {
            ended.Writer.Complete();
        }
    }

    public void Dispose()
    {
        foreach (Channel<string> stream in _streams.Values)
        {
            stream.Writer.TryComplete();
        }

        _listener.Close();
        _http.Dispose();
    }

    private Channel<string> StreamOf(string name) => _streams.GetOrAdd(name, static _ => Channel.CreateUnbounded<string>());

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            string path = context.Request.RawUrl!;
            if (!path.StartsWith(Prefix, StringComparison.Ordinal))
            {
                await CopyAsync(context, path);
            }
            else
            {
                using StreamReader body = new(context.Request.InputStream, Encoding.UTF8);
                AdminRequest request = new(
                    context.Request.HttpMethod, path[Prefix.Length..], await body.ReadToEndAsync(), context.Request.Headers["Idempotency-Key"], context.Request.Headers["Authorization"]);
                Requests.Enqueue(request);
                await AnswerApiAsync(context, request);
            }

            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException or SocketException)
        {
            // The page was left.
        }
    }

    /// <summary>The page and its files, with the headers that protect them.</summary>
    private async Task CopyAsync(HttpListenerContext context, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, _real.AdminUri(path));
        request.Headers.Add("Accept", "text/html");
        using HttpResponseMessage reply = await _http.SendAsync(request);
        byte[] file = await reply.Content.ReadAsByteArrayAsync();
        context.Response.StatusCode = (int)reply.StatusCode;
        context.Response.ContentType = reply.Content.Headers.ContentType?.ToString();
        foreach (string name in (string[])["Content-Security-Policy", "X-Content-Type-Options"])
        {
            if (reply.Headers.TryGetValues(name, out IEnumerable<string>? values))
            {
                context.Response.Headers[name] = string.Join(", ", values);
            }
        }

        await context.Response.OutputStream.WriteAsync(file);
    }

    private async Task AnswerApiAsync(HttpListenerContext context, AdminRequest request)
    {
        string path = request.Path.Split('?')[0];
        if (Token is not null && request.Token != $"Bearer {Token}")
        {
            await WriteAsync(context, 401, """{"status":401,"detail":"the admin token is missing or wrong"}""");
        }
        else if (request.Method == "GET" && path is "events" or "traces/7" && request.Method == "GET")
        {
            await StreamAsync(context, path);
        }
        else if (path == "caller")
        {
            await WriteAsync(context, 200, $$"""{"role":"{{Role}}","address":"127.0.0.1"}""");
        }
        else if (Answers.TryGetValue($"{request.Method} {path}", out (int Status, string Body) answer))
        {
            await WriteAsync(context, answer.Status, answer.Body);
        }
        else
        {
            await WriteAsync(context, 404, """{"status":404,"detail":"this path is not served"}""");
        }
    }

    private async Task StreamAsync(HttpListenerContext context, string name)
    {
        context.Response.SendChunked = true;
        context.Response.ContentType = name == "events" ? "text/event-stream" : "application/x-ndjson";
        await foreach (string text in StreamOf(name).Reader.ReadAllAsync())
        {
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
            await context.Response.OutputStream.FlushAsync();
        }
    }

    private static async Task WriteAsync(HttpListenerContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = status < 400 ? "application/json; charset=utf-8" : "application/problem+json";
        if (body.Length > 0)
        {
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        }
    }
}
