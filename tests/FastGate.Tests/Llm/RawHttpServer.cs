using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastGate.Tests.Llm;

/// <summary>Answers each request on loopback with fixed bytes, status line and headers included, and closes or keeps the connection.</summary>
internal sealed class RawHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly byte[] _answer;
    private readonly bool _staysOpen;
    private readonly Task _serving;
    private int _requests;

    public RawHttpServer(string head, ReadOnlySpan<byte> body, bool staysOpen = false)
    {
        _answer = [.. Encoding.ASCII.GetBytes("HTTP/1.1 " + head.ReplaceLineEndings("\r\n") + "\r\n\r\n"), .. body];
        _staysOpen = staysOpen;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _requests);
                byte[] piece = new byte[64 * 1024];

                // The requests of these tests end with their JSON body.
                int read = 0;
                while (read == 0 || piece[read - 1] != (byte)'}')
                {
                    read += await client.GetStream().ReadAsync(piece.AsMemory(read), _stopping.Token);
                }

                await client.GetStream().WriteAsync(_answer, _stopping.Token);
                client.Client.Shutdown(_staysOpen ? SocketShutdown.Receive : SocketShutdown.Send);
                if (_staysOpen)
                {
                    await Task.Delay(Timeout.Infinite, _stopping.Token);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
