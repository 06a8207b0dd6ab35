using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using FastGate.LoadTest.Linux;

namespace FastGate.LoadTest.Floor;

/// <summary>
/// The least that a server can do with the same socket calls: one epoll loop that upgrades whoever asks, answers hello and ping with fixed bytes
/// and sends audio back. No identity, no registry, no deadline, no limit, nothing checked but the framing. What a real server costs more
/// than this is its own doing.
/// </summary>
internal sealed class FloorServer : IDisposable
{
    private const int EventCapacity = 512;
    private const int Backlog = 4096;
    private const long Wait = 50_000_000;

    private readonly byte[] _events = new byte[EventCapacity * SystemCall.EventSize];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 * 1024, pinned: true);
    private readonly ArrayBufferWriter<byte> _output = new(128 * 1024);
    private readonly int _listener;
    private readonly int _epoll;
    private FloorConnection?[] _connections = new FloorConnection?[1024];

    /// <exception cref="IOException">The address is taken.</exception>
    public FloorServer(IPEndPoint listen)
    {
        _listener = SystemCall.Listen(BitConverter.ToUInt32([.. listen.Address.GetAddressBytes().Reverse()]), (ushort)listen.Port, Backlog);
        if (_listener < 0)
        {
            throw new IOException($"{listen} cannot be listened on: errno {-_listener}.");
        }

        _epoll = SystemCall.CreateEpoll();
        _ = SystemCall.AddToEpoll(_epoll, _listener, SystemCall.In, (ulong)_listener);
        Target = new IPEndPoint(listen.Address, SystemCall.LocalPort(_listener));
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

        _ = SystemCall.Close(_listener);
        _ = SystemCall.Close(_epoll);
    }

    private unsafe void Turn()
    {
        int count;
        fixed (byte* events = _events)
        {
            count = SystemCall.Wait(_epoll, events, EventCapacity, Wait);
        }

        for (int i = 0; i < count; i++)
        {
            int descriptor = (int)MemoryMarshal.Read<ulong>(_events.AsSpan(i * SystemCall.EventSize, SystemCall.EventSize)[^sizeof(ulong)..]);
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

    private void Accept()
    {
        while (true)
        {
            int descriptor = SystemCall.Accept(_listener);
            if (descriptor < 0)
            {
                return;
            }

            if (descriptor >= _connections.Length)
            {
                Array.Resize(ref _connections, 2 * descriptor);
            }

            _connections[descriptor] = new FloorConnection();
            _ = SystemCall.AddToEpoll(_epoll, descriptor, SystemCall.In | SystemCall.ReadHangUp | SystemCall.EdgeTriggered, (ulong)descriptor);
        }
    }

    /// <summary>All that one read brings is answered by one send. False when the connection is over.</summary>
    private unsafe bool Serve(int descriptor, FloorConnection connection)
    {
        while (true)
        {
            int carried = connection.TakeCarried(_buffer);
            int room = _buffer.Length - carried;
            int received;
            fixed (byte* buffer = _buffer)
            {
                received = SystemCall.Receive(descriptor, buffer + carried, room);
            }

            if (received <= 0)
            {
                connection.Carry(_buffer.AsSpan(0, carried));
                return received == -SystemCall.AgainError;
            }

            _output.ResetWrittenCount();
            if (!connection.Read(_buffer.AsSpan(0, carried + received), _output))
            {
                return false;
            }

            ReadOnlySpan<byte> answers = _output.WrittenSpan;
            fixed (byte* bytes = answers)
            {
                // Whoever does not take its answers is not waited for.
                if (answers.Length > 0 && SystemCall.Send(descriptor, bytes, answers.Length) != answers.Length)
                {
                    return false;
                }
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
            _ = SystemCall.Close(descriptor);
        }
    }
}
