using System.Buffers;
using System.Net;
using FastGate.LoadTest.Linux;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Floor;

/// <summary>
/// The least that a server can do with the same socket calls: one epoll loop that upgrades every connection, answers hello and ping
/// with fixed bytes and sends audio back. It checks only the framing: no identity, registry, timeout or limit.
/// </summary>
internal sealed class FloorServer : IDisposable
{
    private const int Backlog = 4096;
    private const long Wait = 50_000_000;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 * 1024, pinned: true);
    private readonly ArrayBufferWriter<byte> _output = new(128 * 1024);
    private readonly int _listener;
    private readonly PreciseEpoll _epoll = new();
    private FloorConnection?[] _connections = new FloorConnection?[1024];

    /// <exception cref="IOException">The address is in use.</exception>
    public FloorServer(IPEndPoint listen)
    {
        Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
        int length = LinuxAddress.Write(listen, address);
        _listener = LinuxError.ThrowIfError(LinuxSocket.Create(), "socket");
        _ = LinuxSocket.SetReuseAddress(_listener);

        // Accepted sockets inherit it.
        _ = LinuxSocket.SetNoDelay(_listener);
        int result = LinuxSocket.Bind(_listener, address[..length]);
        result = result < 0 ? result : LinuxSocket.Listen(_listener, Backlog);
        if (result < 0)
        {
            _ = LinuxSocket.Close(_listener);
            throw new IOException($"Cannot listen on {listen}: {LinuxError.Describe(result)}.");
        }

        _epoll.Add(_listener, LinuxEpoll.In, (ulong)_listener);
        Target = LinuxSocket.LocalEndPoint(_listener)!;
    }

    public IPEndPoint Target { get; }

    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Turn();
        }
    }

    public void Dispose()
    {
        for (int descriptor = 0; descriptor < _connections.Length; descriptor++)
        {
            End(descriptor);
        }

        _ = LinuxSocket.Close(_listener);
        _epoll.Dispose();
    }

    private void Turn()
    {
        int count = _epoll.Wait(Wait);
        for (int i = 0; i < count; i++)
        {
            int descriptor = (int)_epoll.Data(i);
            if (descriptor == _listener)
            {
                Accept();
            }
            else if (_connections[descriptor] is { } connection && !Serve(descriptor, connection))
            {
                End(descriptor);
            }
        }
    }

    private unsafe void Accept()
    {
        while (true)
        {
            int descriptor = LinuxSocket.Accept(_listener, null);
            if (descriptor < 0)
            {
                return;
            }

            if (descriptor >= _connections.Length)
            {
                Array.Resize(ref _connections, 2 * descriptor);
            }

            _connections[descriptor] = new FloorConnection();
            _epoll.Add(descriptor, LinuxEpoll.In | LinuxEpoll.ReadHangUp | LinuxEpoll.EdgeTriggered, (ulong)descriptor);
        }
    }

    /// <summary>Answers all frames of one read with one send. False when the connection has ended.</summary>
    private bool Serve(int descriptor, FloorConnection connection)
    {
        while (true)
        {
            int carried = connection.TakeCarried(_buffer);
            int room = _buffer.Length - carried;
            int received = LinuxSocket.Receive(descriptor, _buffer.AsSpan(carried));
            if (received <= 0)
            {
                connection.Carry(_buffer.AsSpan(0, carried));
                return received == -LinuxError.Again;
            }

            _output.ResetWrittenCount();
            if (!connection.Read(_buffer.AsSpan(0, carried + received), _output))
            {
                return false;
            }

            // A client that does not read its answers is disconnected.
            ReadOnlySpan<byte> answers = _output.WrittenSpan;
            if (answers.Length > 0 && LinuxSocket.Send(descriptor, answers) != answers.Length)
            {
                return false;
            }

            if (received < room)
            {
                return true;
            }
        }
    }

    private void End(int descriptor)
    {
        if (_connections[descriptor] is not null)
        {
            _connections[descriptor] = null;
            _ = LinuxSocket.Close(descriptor);
        }
    }
}
