using FastGate.LoadTest.Linux;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Sockets;

/// <summary>The epoll of one loop: its sockets, and the callbacks that other threads post to it.</summary>
internal sealed class SocketPoll : IDisposable
{
    private const ulong Posted = ulong.MaxValue;

    private readonly PreciseEpoll _epoll = new();
    private readonly List<EpollSocket?> _sockets = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly byte[] _receiveBuffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private uint _generation;

    public SocketPoll() => _epoll.Add(Context.Event, LinuxEpoll.In | LinuxEpoll.EdgeTriggered, Posted);

    /// <summary>Runs continuations on the thread that calls <see cref="Wait"/>.</summary>
    public LoopContext Context { get; } = new();

    public Span<byte> ReceiveBuffer => _receiveBuffer;

    public (int Slot, uint Generation) Add(EpollSocket socket, int descriptor)
    {
        if (_freeSlots.TryPop(out int slot))
        {
            _sockets[slot] = socket;
        }
        else
        {
            slot = _sockets.Count;
            _sockets.Add(socket);
        }

        const uint Events = LinuxEpoll.In | LinuxEpoll.Out | LinuxEpoll.ReadHangUp | LinuxEpoll.EdgeTriggered;
        _generation++;
        _epoll.Add(descriptor, Events, ((ulong)_generation << 32) | (uint)slot);
        return (slot, _generation);
    }

    public void Remove(int slot)
    {
        _sockets[slot] = null;
        _freeSlots.Push(slot);
    }

    public int Wait(long nanoseconds) => _epoll.Wait(nanoseconds);

    /// <summary>Handles the events of the last wait.</summary>
    public void Dispatch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            ulong data = _epoll.Data(i);
            if (data == Posted)
            {
                Context.RunPosted();
            }
            else if (_sockets[(int)(uint)data] is { } socket && socket.Generation == (uint)(data >> 32))
            {
                socket.OnEvents(_epoll.Events(i));
            }
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        Context.Dispose();
    }
}
