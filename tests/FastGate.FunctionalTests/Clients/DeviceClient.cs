using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>A device built on .NET's <see cref="ClientWebSocket"/>.</summary>
public sealed class DeviceClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private DeviceClient(ClientWebSocket socket) => _socket = socket;

    /// <summary>The session id from the hello reply; null before it.</summary>
    public string? SessionId { get; private set; }

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static Task<DeviceClient> ConnectAsync(GatewayProcess gateway, string deviceId, string? token = null) =>
        ConnectAsync(gateway.DeviceUri(), options =>
        {
            options.SetRequestHeader("Device-Id", deviceId);
            options.SetRequestHeader("Client-Id", "7a1c0f7e-3b52-4c1f-9d0e-5f2b8a6c4d10");
            if (token is not null)
            {
                options.SetRequestHeader("Authorization", "Bearer " + token);
            }
        });

    public static async Task<DeviceClient> ConnectAsync(Uri uri, Action<ClientWebSocketOptions>? configure = null, HttpMessageInvoker? invoker = null)
    {
        ClientWebSocket socket = new();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        configure?.Invoke(socket.Options);
        using CancellationTokenSource hang = new(Deadline.Hang);
        try
        {
            await socket.ConnectAsync(uri, invoker, hang.Token);
            return new DeviceClient(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(string text)
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, hang.Token);
    }

    /// <summary>Returns the next text message; null after the server's close frame.</summary>
    public async Task<string?> ReceiveTextAsync()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        using MemoryStream message = new();
        while (true)
        {
            WebSocketReceiveResult result = await _socket.ReceiveAsync(_buffer, hang.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(_buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }

    public async Task<JsonObject> ReceiveAsync()
    {
        string text = await ReceiveTextAsync()
            ?? throw new InvalidOperationException($"The server closed with {_socket.CloseStatus} {_socket.CloseStatusDescription}.");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Receives until a message of this type (and state, if given) and returns everything received, that message last.</summary>
    public async Task<IReadOnlyList<JsonObject>> ReceiveUntilAsync(string type, string? state = null)
    {
        List<JsonObject> received = [];
        while (true)
        {
            JsonObject message = await ReceiveAsync();
            received.Add(message);
            if ((string?)message["type"] == type && (state is null || (string?)message["state"] == state))
            {
                return received;
            }
        }
    }

    public async Task<JsonObject> HelloAsync()
    {
        await SendAsync(DeviceTexts.Hello);
        JsonObject hello = (await ReceiveUntilAsync("hello"))[^1];
        SessionId = (string?)hello["session_id"];
        return hello;
    }

    /// <summary>Sends the user's words and returns all messages up to <c>tts</c> stop.</summary>
    public async Task<IReadOnlyList<JsonObject>> SayAsync(string text)
    {
        await SendAsync(DeviceTexts.Detect(text));
        return await ReceiveUntilAsync("tts", "stop");
    }

    /// <summary>Checks that the connection is alive.</summary>
    public async Task PingAsync()
    {
        await SendAsync(DeviceTexts.Ping);
        await ReceiveUntilAsync("pong");
    }

    /// <summary>Reads up to the server's close frame; null when the connection ended without one.</summary>
    public async Task<WebSocketCloseStatus?> ReceiveCloseAsync()
    {
        try
        {
            while (await ReceiveTextAsync() is not null)
            {
            }
        }
        catch (WebSocketException)
        {
            return null;
        }

        return _socket.CloseStatus;
    }

    public async Task CloseAsync()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, hang.Token);
    }

    /// <summary>Disconnects without a close frame, as the firmware does.</summary>
    public void Drop() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
