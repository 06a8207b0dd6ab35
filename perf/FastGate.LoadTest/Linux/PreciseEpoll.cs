using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Linux;

/// <summary>An epoll that waits to the nanosecond where Linux can.</summary>
internal sealed class PreciseEpoll : IDisposable
{
    private readonly EpollEvents _events = new();
    private readonly int _epoll = LinuxError.ThrowIfError(LinuxEpoll.Create(), "epoll_create1");

    public void Add(int descriptor, uint events, ulong data) =>
        LinuxError.ThrowIfError(LinuxEpoll.Add(_epoll, descriptor, events, data), "epoll_ctl");

    public int Wait(long nanoseconds) => LinuxError.ThrowIfError(_events.WaitPrecise(_epoll, nanoseconds), "epoll_wait");

    public uint Events(int index) => _events.Events(index);

    public ulong Data(int index) => _events.Data(index);

    public void Dispose()
    {
        _ = LinuxSocket.Close(_epoll);
        _events.Dispose();
    }
}
