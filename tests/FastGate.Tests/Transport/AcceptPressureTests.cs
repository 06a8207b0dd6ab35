using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>
/// Listeners that refuse connections at a given descriptor ceiling. Never in parallel with other tests, because the numbers of new
/// descriptors matter.
/// </summary>
[Collection(nameof(TransportStressTests))]
public sealed class AcceptPressureTests
{
    /// <summary>More than one batch for each of the two listeners, so that both pause with connections in their backlog.</summary>
    private const int Connections = 6 * EventLoopListener.BatchSize;

    private static readonly byte[] s_refusal = "no room"u8.ToArray();

    /// <summary>The client has sent the largest valid request before it is refused: unread bytes would turn the close into a reset.</summary>
    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task A_refusal_arrives_after_a_long_request(TransportKind kind)
    {
        var settings = new TransportOptions { EventLoops = 1, Refusal = s_refusal, DescriptorCeiling = 0 };
        await using var harness = TransportHarness.Create(kind, settings);
        await harness.Transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), default);
        using Socket socket = await harness.ConnectAsync();
        socket.Send(new byte[10 * 1024]);
        await Eventually.TrueAsync(() => TcpInfo.Of(socket).IsDelivered, "the request is in the kernel");
        harness.Transport.Start(EchoHandler.RunAsync);
        await AssertRefusedAsync(socket);
        await Eventually.TrueAsync(() => harness.Count("refused") == 1, "counted");
        await harness.Transport.DisposeAsync();
        Assert.False(TcpInfo.Of(socket).IsClosed, "reset");
    }

    [Fact]
    public async Task A_paused_listener_refuses_its_whole_backlog_and_recovers()
    {
        // Sockets that tests before this one have left to the collector would free numbers below the ceiling.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var settings = new TransportOptions { EventLoops = 2, Refusal = s_refusal, DescriptorCeiling = CeilingAbove(Connections / 2) };
        await using var harness = TransportHarness.Create(TransportKind.EventLoop, settings);
        await harness.Transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), default);

        int before = OpenDescriptors();

        // The client sockets are in this process too, so no number below the ceiling is free.
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => harness.ConnectAsync()));
        harness.Transport.Start(EchoHandler.RunAsync);
        foreach (Socket socket in sockets)
        {
            await AssertRefusedAsync(socket);
        }

        Assert.Equal(Connections, harness.Count("refused"));
        Assert.Equal(0, harness.Count("accepted"));

        // With free descriptors again, each listener serves.
        Array.ForEach(sockets, static socket => socket.Dispose());
        await Eventually.TrueAsync(() => OpenDescriptors() <= before + EventLoopListener.BatchSize, "the loops have closed the refused connections");
        for (int i = 0; i < 20; i++)
        {
            using Socket socket = await harness.ConnectAsync();
            await socket.SendAsync("s"u8.ToArray());
            byte[] answer = new byte[1];
            Assert.Equal(1, await socket.ReceiveAsync(answer).Within());
            Assert.Equal((byte)'s', answer[0]);
        }

        Assert.Equal(20, harness.Count("accepted"));
    }

    private static async Task AssertRefusedAsync(Socket socket)
    {
        byte[] answer = new byte[64];
        int length = 0;
        for (int count = -1; count != 0; length += count)
        {
            count = await socket.ReceiveAsync(answer.AsMemory(length)).Within();
        }

        Assert.Equal(s_refusal, answer[..length]);
    }

    private static int OpenDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>
    /// The number below which so many descriptors are free. Tests before this one leave open numbers with free ones between them, so that the lowest free
    /// number says nothing about the next.
    /// </summary>
    private static int CeilingAbove(int free)
    {
        HashSet<string> open = [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(static path => Path.GetFileName(path))];
        int ceiling = 0;
        for (; free > 0; ceiling++)
        {
            free -= open.Contains(ceiling.ToString(CultureInfo.InvariantCulture)) ? 0 : 1;
        }

        return ceiling;
    }
}
