using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace FastGate.Tests.Llm;

/// <summary>An HTTP server on loopback that answers each request with a fixed body and closes the connection.</summary>
internal sealed class ReplayServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<string, string> _body;
    private readonly string _contentType;
    private readonly Task _serving;

    /// <remarks><paramref name="body"/> returns the body for a request line.</remarks>
    public ReplayServer(Func<string, string> body, string contentType = "text/event-stream")
    {
        (_body, _contentType) = (body, contentType);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Request line, headers and JSON body of every request, in order.</summary>
    public List<(string Line, string Headers, JsonElement Body)> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _listener.Stop();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var received = new MemoryStream();
        byte[] piece = new byte[4096];
        string head;
        int end;
        do
        {
            received.Write(piece, 0, await stream.ReadAsync(piece));
            head = Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length);
            end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        }
        while (end < 0);

        int length = int.Parse(head.Split("Content-Length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
        while (received.Length < end + 4 + length)
        {
            received.Write(piece, 0, await stream.ReadAsync(piece));
        }

        string line = head[..head.IndexOf('\r', StringComparison.Ordinal)];
        Requests.Add((line, head[..end], JsonDocument.Parse(received.GetBuffer().AsMemory(end + 4, length)).RootElement.Clone()));
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {_contentType}\r\nConnection: close\r\n\r\n{_body(line)}"));
    }
}
