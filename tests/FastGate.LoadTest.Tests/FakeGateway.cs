using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastGate.LoadTest.Tests;

/// <summary>
/// A server whose faults depend on counts: it serves a number of connections and accepts further ones silently, and it delays pongs until a
/// number of pings has arrived. Records the source address and all bytes of each connection.
/// </summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private const string Session = "6f1f7d1e-5a44-4be5-9a57-3a1f6f0c7c11";

    private readonly TcpListener _listener = new(IPAddress.Any, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<FakeConnection> _connections = [];
    private readonly Task _accepting;

    public FakeGateway()
    {
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public IPEndPoint Target => new(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>Further connections are accepted and not served.</summary>
    public int Serves { get; init; } = int.MaxValue;

    /// <summary>The pongs of a connection wait until it has sent this many pings.</summary>
    public int PongsAfter { get; init; } = 1;

    public IReadOnlyCollection<FakeConnection> Connections => _connections;

    public async ValueTask DisposeAsync()
    {
        // A listener that is stopped between two accepts makes the next accept throw, so accepting ends first.
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stopping.Dispose();
        foreach (FakeConnection connection in _connections)
        {
            connection.Socket.Dispose();
            await connection.Life;
        }
    }

    private async Task AcceptAsync()
    {
        for (int number = 0; ; number++)
        {
            try
            {
                Socket socket = await _listener.AcceptSocketAsync(_stopping.Token);
                var connection = new FakeConnection(socket, number < Serves);
                connection.Life = LiveAsync(connection);
                _connections.Add(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task LiveAsync(FakeConnection connection)
    {
        byte[] buffer = new byte[64 * 1024];
        int taken = 0;
        bool upgraded = false;
        int pings = 0;
        try
        {
            while (true)
            {
                int received = await connection.Socket.ReceiveAsync(buffer);
                if (received == 0)
                {
                    return;
                }

                connection.Received.AddRange(buffer.AsSpan(0, received));
                if (!connection.Served)
                {
                    continue;
                }

                if (!upgraded)
                {
                    taken = connection.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
                    upgraded = taken >= 4;
                    await SendAsync(connection, upgraded ? "HTTP/1.1 101 Switching Protocols\r\n\r\n"u8.ToArray() : []);
                }

                while (upgraded && ClientFrame.TryTake(connection.Received, ref taken, out ClientFrame frame))
                {
                    string payload = Encoding.UTF8.GetString(frame.Payload);
                    if (payload.Contains("\"hello\"", StringComparison.Ordinal))
                    {
                        await SendAsync(connection, Frame($$"""{"type":"hello","transport":"websocket","session_id":"{{Session}}"}"""));
                    }
                    else if (payload.Contains("\"ping\"", StringComparison.Ordinal) && ++pings >= PongsAfter)
                    {
                        int pongs = pings == PongsAfter ? PongsAfter : 1;
                        await SendAsync(connection, [.. Enumerable.Repeat(Frame("""{"type":"pong"}"""), pongs).SelectMany(frame => frame)]);
                    }
                }
            }
        }
        catch (SocketException)
        {
            // The device has disconnected.
        }
        catch (ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private static async Task SendAsync(FakeConnection connection, byte[] bytes) => await connection.Socket.SendAsync(bytes);

    private static byte[] Frame(string text) => [0x81, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
