using System.Net.Sockets;
using System.Text;
using FastGate.Tests.Transport;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>Keeps descriptors as systemd does: by name, in no order.</summary>
internal sealed class FakeServiceManager : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-notify-").FullName;
    private readonly DescriptorSocket _socket;

    public FakeServiceManager()
    {
        Address = Path.Combine(_directory, "notify");
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Address));
        _socket = new DescriptorSocket(socket);
    }

    public string Address { get; }

    public List<string> Messages { get; } = [];

    public List<(string Name, int Descriptor)> Store { get; } = [];

    /// <summary>Handles messages up to a barrier, or a number of them.</summary>
    public void Handle(int messages = int.MaxValue)
    {
        byte[] buffer = new byte[512];
        for (; messages > 0; messages--)
        {
            List<int> descriptors = [];
            string message = Encoding.ASCII.GetString(buffer, 0, _socket.Receive(buffer, descriptors, Eventually.Limit));
            Messages.Add(message);
            if (message == "BARRIER=1")
            {
                LinuxSocket.Close(Assert.Single(descriptors));
                return;
            }

            string[] fields = message.Split('\n');
            string name = fields.First(static field => field.StartsWith("FDNAME=", StringComparison.Ordinal))["FDNAME=".Length..];
            Store.AddRange(descriptors.Select(descriptor => (name, descriptor)));
        }
    }

    /// <summary>What the next start receives.</summary>
    public IReadOnlyList<(string Name, int Descriptor)> Shuffled(int seed)
    {
        (string, int)[] shuffled = [.. Store];
        new Random(seed).Shuffle(shuffled);
        return shuffled;
    }

    public void Dispose()
    {
        _socket.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
