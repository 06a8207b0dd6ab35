using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;
using FastGate.Transport;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Loops;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Transport;

/// <summary>A start that fails when some of its loops run already.</summary>
public sealed partial class FailedStartTests
{
    [Fact]
    public async Task A_start_that_fails_half_way_can_be_disposed_of_and_closes_its_listeners()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        var transport = new EventLoopTransport(new TransportOptions { EventLoops = 3 }, NullLoggerFactory.Instance, new TransportMetrics(meter));
        await transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), CancellationToken.None);
        EndPoint endPoint = transport.EndPoint;

        // The kernel refuses to watch the second listener, because its number now belongs to a file.
        int[] descriptors = (int[])typeof(EventLoopTransport).GetField("_descriptors", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(transport)!;
        using (Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle("/dev/null"))
        {
            Assert.Equal(descriptors[1], Dup2((int)file.DangerousGetHandle(), descriptors[1]));
        }

        Assert.Throws<IOException>(() => transport.Start(EchoHandler.RunAsync));
        await transport.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        // No listener is left: the port is free for a socket that does not share it.
        using var next = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        next.Bind(endPoint);
        next.Listen();
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Dup2(int from, int to);
}
