using System.Net.WebSockets;

namespace FastGate.Benchmarks.Baselines;

/// <summary>The framework's own WebSocket in the server's role over a <see cref="RepeatingStream"/>.</summary>
internal static class FrameworkSocket
{
    /// <param name="frame">The frame that it reads repeatedly.</param>
    /// <param name="copied">How many of the frame's bytes each read copies.</param>
    public static WebSocket Create(byte[] frame, int copied = int.MaxValue) => WebSocket.CreateFromStream(
        new RepeatingStream(frame, copied), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });

    /// <summary>Reads one message.</summary>
    public static int Receive(WebSocket socket, Memory<byte> buffer)
    {
        int total = 0;
        while (true)
        {
            // Reads of the stream complete synchronously, so this does not block.
            ValueWebSocketReceiveResult result = socket.ReceiveAsync(buffer[total..], CancellationToken.None).GetAwaiter().GetResult();
            total += result.Count;
            if (result.EndOfMessage)
            {
                return total;
            }
        }
    }

    public static void Send(WebSocket socket, ReadOnlyMemory<byte> payload, WebSocketMessageType type) =>
        socket.SendAsync(payload, type, endOfMessage: true, CancellationToken.None).GetAwaiter().GetResult();
}
