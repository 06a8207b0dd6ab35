using FastGate.Tests.Options;
using FastGate.Transport;

namespace FastGate.Tests.Transport;

public sealed class AcceptGateTests
{
    [Fact]
    public async Task A_Crowd_At_The_Limit_Is_Two_Lines_Not_Two_For_Each_Newcomer()
    {
        var log = new RecordingLogger<AcceptGate>();
        AcceptGate? gate = null;
        await using var harness = new TransportHarness((loggers, metrics) =>
        {
            gate = new AcceptGate(log, metrics);
            return new SocketsTransport(new TransportSettings(), loggers, metrics);
        });

        for (int i = 0; i < 100; i++)
        {
            Assert.False(gate!.Admits(int.MaxValue));
            Assert.True(gate.Admits(0));
        }

        Assert.Equal([5008, 5002], log.Lines.Select(static line => line.Id));
        Assert.Equal(100, harness.Count("refused"));
        gate!.Dispose();
    }
}
