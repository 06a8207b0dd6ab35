using System.Net;
using System.Net.Sockets;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>Serves the browser page from a separate origin and receives the transcript that the page posts.</summary>
public sealed class PageServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly TaskCompletionSource<string> _transcript = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PageServer()
    {
        Port = FreePort.Next();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    public Task<string> Transcript => _transcript.Task;

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
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or SocketException)
        {
            _transcript.TrySetException(new InvalidOperationException("The page server was stopped.", error));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            if (context.Request.HttpMethod == "POST")
            {
                using StreamReader body = new(context.Request.InputStream);
                _transcript.TrySetResult(await body.ReadToEndAsync());
            }
            else if (context.Request.Url!.AbsolutePath == "/")
            {
                byte[] page = await File.ReadAllBytesAsync(Path.Combine(RepositoryPaths.Clients, "browser", "page.html"));
                context.Response.ContentType = "text/html; charset=utf-8";
                await context.Response.OutputStream.WriteAsync(page);
            }
            else
            {
                context.Response.StatusCode = (int)HttpStatusCode.NotFound;
            }

            context.Response.Close();
        }
        catch (HttpListenerException)
        {
            // The browser has closed the connection; the next request is served.
        }
    }
}
