using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace FastGate.Protocol.Tests.Differential;

/// <summary>The framework's WebSocket on scripted bytes: the reference for what must be accepted.</summary>
internal static class FrameworkSocket
{
    public static WebSocket Create(Stream stream, bool isServer) => WebSocket.CreateFromStream(
        stream,
        new WebSocketCreationOptions { IsServer = isServer, KeepAliveInterval = TimeSpan.Zero });

    /// <summary>
    /// One line for each data message and for a close, then "refused" when the input breaks a rule.
    /// </summary>
    public static async Task<string> ReadAll(byte[] wire, bool isServer, Random random)
    {
        var stream = new ScriptedStream(wire, () => random.Next(1, 300));
        using WebSocket socket = Create(stream, isServer);
        var lines = new StringBuilder();
        var message = new ArrayBufferWriter<byte>();
        byte[] buffer = new byte[512];
        while (true)
        {
            try
            {
                ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)), CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    int status = socket.CloseStatus is null ? 1005 : (int)socket.CloseStatus;
                    lines.Append(CultureInfo.InvariantCulture, $"Close {status} {socket.CloseStatusDescription}\n");
                    return lines.ToString();
                }

                message.Write(buffer.AsSpan(0, result.Count));
                if (result.EndOfMessage)
                {
                    lines.Append(CultureInfo.InvariantCulture, $"{result.MessageType} {Convert.ToHexString(message.WrittenSpan)}\n");
                    message.ResetWrittenCount();
                }
            }
            catch (WebSocketException ended) when (ended.WebSocketErrorCode == WebSocketError.ConnectionClosedPrematurely)
            {
                return lines.ToString();
            }
            catch (WebSocketException)
            {
                return lines.Append("refused").ToString();
            }
        }
    }
}
