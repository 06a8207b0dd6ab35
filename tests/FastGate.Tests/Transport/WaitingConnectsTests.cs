using FastGate.Transport.Accept;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

public sealed class WaitingConnectsTests
{
    private readonly WaitingConnects<LoopConnect> _waiting = new();

    [Fact]
    public void Newest_is_served_first_with_its_address()
    {
        Push(7, nowMs: 0);
        Push(8, nowMs: 1);

        Assert.Equal((8, 8), PopNewest());
        Assert.Equal((7, 7), PopNewest());
        Assert.Equal(0, _waiting.Count);
    }

    [Fact]
    public void Oldest_is_closed_first_when_it_has_waited_too_long()
    {
        Push(7, nowMs: 0);
        Push(8, nowMs: 500);

        Assert.Equal(-1, PopExpired(nowMs: 1_000, longestWaitMs: 1_000));
        Assert.Equal(7, PopExpired(nowMs: 1_001, longestWaitMs: 1_000));
        Assert.Equal(-1, PopExpired(nowMs: 1_001, longestWaitMs: 1_000));
        Assert.Equal(1, _waiting.Count);
    }

    [Fact]
    public void Agrees_with_a_list_over_random_operations()
    {
        var random = new Random(14);
        List<(int Descriptor, long Since)> model = [];
        long now = 0;
        for (int step = 0; step < 50_000; step++)
        {
            now += random.Next(3);
            if (random.Next(5) < 3 && _waiting.HasRoom)
            {
                Push(step, now);
                model.Add((step, now));
            }
            else if (random.Next(2) == 0 && model.Count > 0)
            {
                Assert.Equal(model[^1].Descriptor, PopNewest().Descriptor);
                model.RemoveAt(model.Count - 1);
            }
            else
            {
                bool isExpired = model.Count > 0 && now - model[0].Since > 900;
                Assert.Equal(isExpired ? model[0].Descriptor : -1, PopExpired(now, 900));
                model.RemoveRange(0, isExpired ? 1 : 0);
            }

            Assert.Equal(model.Count, _waiting.Count);
            Assert.Equal(model.Count < WaitingConnects<LoopConnect>.Capacity, _waiting.HasRoom);
        }
    }

    private void Push(int descriptor, long nowMs)
    {
        byte[] address = new byte[LinuxSocket.AddressSize];
        address[0] = (byte)descriptor;
        _waiting.Push(new LoopConnect(descriptor, address), nowMs);
    }

    private (int Descriptor, int FirstOfAddress) PopNewest()
    {
        LoopConnect newest = _waiting.PopNewest();
        return (newest.Descriptor, newest.Address[0]);
    }

    private int PopExpired(long nowMs, int longestWaitMs) =>
        _waiting.TryPopExpired(nowMs, longestWaitMs, out LoopConnect expired) ? expired.Descriptor : -1;
}
