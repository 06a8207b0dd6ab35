using System.Net;
using System.Net.Sockets;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A provider that is down: counts and resets connections.</summary>
internal sealed class RefusingServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private int _attempts;

    public RefusingServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public int Attempts => Volatile.Read(ref _attempts);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using Socket socket = await _listener.AcceptAsync();
                Interlocked.Increment(ref _attempts);
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }
}
