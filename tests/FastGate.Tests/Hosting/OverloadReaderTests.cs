using System.Net.Sockets;
using FastGate.Hosting;
using FastGate.Limits;
using FastGate.Tests.Transport;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Hosting;

/// <summary>The readings of this process.</summary>
public sealed class OverloadReaderTests
{
    /// <summary>The clock of the reader is turned by the test, so the share does not depend on the machine's speed.</summary>
    [Theory, MemberData(nameof(TransportTests.Kinds), MemberType = typeof(TransportTests))]
    public async Task Processor_time_of_the_transport_is_read_as_a_share_of_the_time_that_has_passed(TransportKind kind)
    {
        var time = new ManualTimeProvider();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        Func<OverloadReading> read = OverloadWatch.Reader(harness.Transport, time);
        read();
        using Socket socket = await harness.ConnectAsync();
        byte[] sent = new byte[64 * 1024];
        OverloadReading reading;
        do
        {
            await socket.SendAsync(sent);
            await TransportAssert.ReceiveAsync(socket, sent.Length).Within();
            time.Turn(TimeSpan.FromMicroseconds(10));
            reading = read();
        }
        while (reading.Loop < 1);

        time.Turn(TimeSpan.FromDays(1));
        Assert.InRange(read().Loop, 0, 0.01);
    }
}
