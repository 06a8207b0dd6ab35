using System.Net;
using System.Net.Sockets;

namespace FastGate.Tests.Memory.Stores;

/// <summary>Passes connections on to a port of the loopback, and can lose the answer to a request and with it the connection.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private bool _losing;

    public LossyProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next bytes that the server sends on any connection are lost and end it.</summary>
    public void LoseNextAnswer() => Volatile.Write(ref _losing, true);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                Task[] pumps = [PumpAsync(client, server, isAnswer: false), PumpAsync(server, client, isAnswer: true)];
                await Task.WhenAny(pumps);
                client.Close();
                server.Close();
                await Task.WhenAll(pumps);
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One side has ended: both are closed.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        byte[] buffer = new byte[16_384];
        NetworkStream input = from.GetStream();
        NetworkStream output = to.GetStream();
        while (await input.ReadAsync(buffer, _stop.Token) is > 0 and int read)
        {
            if (isAnswer && Volatile.Read(ref _losing))
            {
                Volatile.Write(ref _losing, false);
                return;
            }

            await output.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }
}
