using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace FastGate.CommandLine.Simulation;

/// <summary>One connection of a device. The receiving loop owns the socket's reading side; the script's task sends, and answers to tools are sent one at a time.</summary>
internal sealed class SimConnection : IAsyncDisposable
{
    private const int BufferSize = 4 * 1024;
    private const int MostText = 256 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly SimCounters _counters;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource<string> _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private TaskCompletionSource _replyEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _receiving = Task.CompletedTask;

    private SimConnection(SimCounters counters) => _counters = counters;

    public string Session { get; private set; } = "";

    /// <summary>Completes when the connection has ended, with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens the WebSocket as the firmware does, and exchanges the hello.</summary>
    public static async Task<SimConnection> OpenAsync(Uri address, string? token, SimIdentity identity, SimCounters counters, TimeSpan timeout, CancellationToken cancellation)
    {
        var connection = new SimConnection(counters);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            ClientWebSocketOptions options = connection._socket.Options;
            options.KeepAliveInterval = TimeSpan.Zero;
            options.Proxy = null;
            if (!string.IsNullOrEmpty(token))
            {
                // The firmware adds "Bearer " only to a token without a space.
                options.SetRequestHeader("Authorization", token.Contains(' ', StringComparison.Ordinal) ? token : $"Bearer {token}");
            }

            options.SetRequestHeader("Protocol-Version", "1");
            options.SetRequestHeader("Device-Id", identity.DeviceId);
            options.SetRequestHeader("Client-Id", identity.ClientId);
            await connection._socket.ConnectAsync(address, limit.Token);
            connection._receiving = connection.ReceiveAsync();
            await connection.SendAsync(SimMessages.Hello, limit.Token);
            connection.Session = await connection._hello.Task.WaitAsync(limit.Token);
            return connection;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await connection.DisposeAsync();
            throw new SimFailedException($"no hello within {timeout.TotalSeconds:0} s");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>To be called before the message that begins a turn: the reply that ends afterwards is the one to wait for.</summary>
    public Task NextReply()
    {
        Interlocked.Exchange(ref _replyEnd, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return _replyEnd.Task;
    }

    public Task SendAsync(string text, CancellationToken cancellation) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, cancellation);

    public async Task SendFrameAsync(byte[] frame, CancellationToken cancellation)
    {
        await SendAsync(frame, WebSocketMessageType.Binary, cancellation);
        _counters.OnFrameSent();
    }

    /// <summary>Closes as the firmware does, and waits briefly for the other side.</summary>
    public async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);
            await _ended.Task.WaitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // The connection had ended before, or the other side does not answer.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }

    private async Task SendAsync(byte[] message, WebSocketMessageType type, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            await _socket.SendAsync(message, type, endOfMessage: true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        string reason = "the server closed the connection";
        try
        {
            byte[] buffer = new byte[BufferSize];
            int length = 0;
            while (true)
            {
                ValueWebSocketReceiveResult received = await _socket.ReceiveAsync(buffer.AsMemory(length), _closing.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    reason = $"the server closed the connection with {(int?)_socket.CloseStatus} {_socket.CloseStatusDescription}".TrimEnd();
                    return;
                }

                length += received.Count;
                if (!received.EndOfMessage)
                {
                    length = Grow(ref buffer, length);
                    continue;
                }

                if (received.MessageType == WebSocketMessageType.Binary)
                {
                    _counters.OnFrameReceived();
                }
                else
                {
                    await OnTextAsync(buffer.AsMemory(0, length));
                }

                length = 0;
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or JsonException or SimFailedException)
        {
            reason = exception.Message;
        }
        finally
        {
            _ended.TrySetResult(reason);
            _hello.TrySetException(new SimFailedException(reason));
            _ = _hello.Task.Exception;
        }
    }

    private static int Grow(ref byte[] buffer, int length)
    {
        if (length == buffer.Length)
        {
            if (length >= MostText)
            {
                throw new SimFailedException($"the server sent a message of more than {MostText} bytes");
            }

            Array.Resize(ref buffer, buffer.Length * 2);
        }

        return length;
    }

    private async Task OnTextAsync(ReadOnlyMemory<byte> text)
    {
        using var message = JsonDocument.Parse(text);
        JsonElement root = message.RootElement;
        switch (Text(root, "type"))
        {
            case "hello":
                _hello.TrySetResult(Text(root, "session_id") ?? "");
                break;
            case "tts" when Text(root, "state") == "stop":
                Volatile.Read(ref _replyEnd).TrySetResult();
                break;
            case "mcp" when root.TryGetProperty("payload", out JsonElement payload) && payload.ValueKind == JsonValueKind.Object:
                if (SimMessages.AnswerTo(Session, payload) is { } answer)
                {
                    if (Text(payload, "method") == "tools/call")
                    {
                        _counters.OnToolCall();
                    }

                    await SendAsync(answer, _closing.Token);
                }

                break;
            default:
                break;
        }
    }

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
