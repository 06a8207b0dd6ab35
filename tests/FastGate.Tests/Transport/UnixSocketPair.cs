using System.Net.Sockets;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>Two connected Unix stream sockets.</summary>
internal sealed class UnixSocketPair : IDisposable
{
    private readonly Socket _receiver;

    public UnixSocketPair(int capacity = DescriptorSocket.MaxDescriptors)
    {
        (Sender, int other) = DescriptorSocket.CreatePair();
        _receiver = new Socket(new SafeSocketHandle(other, ownsHandle: true));
        Receiver = new DescriptorSocket(_receiver, capacity);
    }

    public DescriptorSocket Sender { get; }

    public DescriptorSocket Receiver { get; }

    /// <summary>Ends the receiver's side as a close does; unlike a close, any thread may do it while another one waits.</summary>
    public void ShutdownReceiver()
    {
        try
        {
            _receiver.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The sender has closed before.
        }
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
