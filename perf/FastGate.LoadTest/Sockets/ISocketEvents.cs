using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Sockets;

/// <summary>Receives what happens on a <see cref="DeviceSocket"/>, on the thread of its loop.</summary>
internal interface ISocketEvents
{
    void OnConnected();

    /// <summary>The bytes are only valid during the call.</summary>
    void OnReceived(ReadOnlySpan<byte> bytes);

    void OnSent(int bytes);

    /// <summary>The connection failed or ended. The error is an errno, 0 when there is none. The socket is still to be closed.</summary>
    void OnEnded(DeviceEnd end, int error = 0);
}
