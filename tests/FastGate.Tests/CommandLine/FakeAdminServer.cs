using System.Net;
using System.Text;

namespace FastGate.Tests.CommandLine;

/// <summary>An admin listener with prepared answers. Records every request.</summary>
internal sealed class FakeAdminServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, Func<FakeAdminRequest, FakeAdminAnswer>> _answers = [];
    private readonly Lock _lock = new();
    private readonly List<FakeAdminRequest> _requests = [];

    public FakeAdminServer()
    {
        // Another process may take the port between the probe and the start.
        while (true)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            _listener.Prefixes.Clear();
            _listener.Prefixes.Add(Address);
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
                _listener.Prefixes.Clear();
            }
        }

        _ = ServeAsync();
    }

    public string Address { get; }

    public IReadOnlyList<FakeAdminRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Prepares the answer to a method and path, as in <c>GET /api/v1/status</c>.</summary>
    public FakeAdminServer On(string request, string body, int status = 200, string type = "application/json") =>
        On(request, _ => new FakeAdminAnswer(status, body, type));

    public FakeAdminServer On(string request, Func<FakeAdminRequest, FakeAdminAnswer> answer)
    {
        lock (_lock)
        {
            _answers[request] = answer;
        }

        return this;
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var request = new FakeAdminRequest(
            context.Request.HttpMethod, context.Request.RawUrl!, await reader.ReadToEndAsync(),
            context.Request.Headers["Authorization"], context.Request.Headers["Idempotency-Key"]);
        Func<FakeAdminRequest, FakeAdminAnswer>? answer;
        lock (_lock)
        {
            _requests.Add(request);
            answer = _answers.GetValueOrDefault($"{request.Method} {request.Target}") ?? _answers.GetValueOrDefault($"{request.Method} {request.Target.Split('?')[0]}");
        }

        FakeAdminAnswer reply = answer?.Invoke(request) ?? new FakeAdminAnswer(404, """{"title":"Not Found","detail":"no such route"}""", "application/problem+json");
        byte[] body = Encoding.UTF8.GetBytes(reply.Body);
        try
        {
            context.Response.StatusCode = reply.Status;
            context.Response.ContentType = reply.Type;
            context.Response.ContentLength64 = body.Length;
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
        catch (HttpListenerException)
        {
            // The client has gone; the next request is served.
        }
    }
}
