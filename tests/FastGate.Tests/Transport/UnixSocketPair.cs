using System.Net.Sockets;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>Two connected Unix stream sockets.</summary>
internal sealed class UnixSocketPair : IDisposable
{
    public UnixSocketPair(int capacity = DescriptorSocket.MaxDescriptors)
    {
        // A name that begins with zero is no file.
        var address = new UnixDomainSocketEndPoint($"\0fastgate-test-{Guid.NewGuid()}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        var sender = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        sender.Connect(address);
        Sender = new DescriptorSocket(sender);
        Receiver = new DescriptorSocket(listener.Accept(), capacity);
    }

    public DescriptorSocket Sender { get; }

    public DescriptorSocket Receiver { get; }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
