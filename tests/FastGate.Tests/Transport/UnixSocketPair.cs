using System.Net.Sockets;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>Two connected Unix stream sockets.</summary>
internal sealed class UnixSocketPair : IDisposable
{
    private readonly Socket _receiver;

    public UnixSocketPair(int capacity = DescriptorSocket.MaxDescriptors)
    {
        (Socket sender, _receiver) = Connect();
        Sender = new DescriptorSocket(sender);
        Receiver = new DescriptorSocket(_receiver, capacity);
    }

    public DescriptorSocket Sender { get; }

    public DescriptorSocket Receiver { get; }

    /// <summary>A socket, and the descriptor of the other end, which the caller owns.</summary>
    public static (DescriptorSocket Socket, int Descriptor) CreateHalf()
    {
        (Socket one, Socket other) = Connect();
        int descriptor = (int)other.Handle;
        other.SafeHandle.SetHandleAsInvalid();
        return (new DescriptorSocket(one), descriptor);
    }

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

    private static (Socket, Socket) Connect()
    {
        // A name that begins with zero is no file.
        var address = new UnixDomainSocketEndPoint($"\0fastgate-test-{Guid.NewGuid()}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        var sender = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        sender.Connect(address);
        return (sender, listener.Accept());
    }
}
