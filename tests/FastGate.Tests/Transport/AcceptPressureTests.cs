using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>
/// Listeners that have to refuse, with the ceiling of descriptors set where the test wants it. Alone in the process, because it counts on the
/// numbers that descriptors get.
/// </summary>
[Collection(nameof(TransportStressTests))]
public sealed class AcceptPressureTests
{
    /// <summary>Each of two listeners gets more than a batch of them: it pauses with the rest in its backlog.</summary>
    private const int Crowd = 6 * EventLoopListener.BatchSize;

    private static readonly byte[] s_refusal = "no room"u8.ToArray();

    /// <summary>The largest request that is let in elsewhere has been sent before its answer: nothing of it may be left to turn the close into a reset.</summary>
    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task A_refusal_arrives_however_long_the_request(TransportKind kind)
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
    public async Task A_paused_listener_answers_everyone_the_kernel_gives_it_and_recovers()
    {
        var settings = new TransportOptions { EventLoops = 2, Refusal = s_refusal, DescriptorCeiling = LowestFreeDescriptor() + (Crowd / 2) };
        await using var harness = TransportHarness.Create(TransportKind.EventLoop, settings);
        await harness.Transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), default);

        // The clients' ends are in this process, too: with all of them there no number below the ceiling is free.
        Socket[] crowd = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => harness.ConnectAsync()));
        harness.Transport.Start(EchoHandler.RunAsync);
        foreach (Socket socket in crowd)
        {
            await AssertRefusedAsync(socket);
        }

        Assert.Equal(Crowd, harness.Count("refused"));
        Assert.Equal(0, harness.Count("accepted"));

        // With room again each is served, whichever listener has it.
        Array.ForEach(crowd, static socket => socket.Dispose());
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

    private static int LowestFreeDescriptor()
    {
        int descriptor = LinuxError.ThrowIfError(LinuxEpoll.CreateEvent(), "eventfd");
        LinuxSocket.Close(descriptor);
        return descriptor;
    }
}
