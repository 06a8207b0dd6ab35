using FastGate.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Hosting;

public sealed class IdleMemoryTests
{
    private long _open;
    private int _collected;

    [Fact]
    public void Memory_is_returned_once_most_devices_are_gone_and_their_number_is_stable()
    {
        var memory = new IdleMemory(() => _open, () => _collected++, new CompilerMemory(() => 0, () => { }), NullLogger<IdleMemory>.Instance);

        Assert.False(PollAt(memory, 10_000));
        Assert.False(PollAt(memory, 6_000));
        Assert.False(PollAt(memory, 100));
        Assert.True(PollAt(memory, 100));
        Assert.False(PollAt(memory, 100));
        Assert.Equal(1, _collected);
    }

    [Fact]
    public void A_few_connections_that_come_and_go_never_cause_a_collection()
    {
        var memory = new IdleMemory(() => _open, () => _collected++, new CompilerMemory(() => 0, () => { }), NullLogger<IdleMemory>.Instance);

        for (int round = 0; round < 100; round++)
        {
            PollAt(memory, round % 2 == 0 ? IdleMemory.MinDisconnected - 1 : 0);
        }

        Assert.Equal(0, _collected);
    }

    private bool PollAt(IdleMemory memory, long open)
    {
        _open = open;
        return memory.Poll();
    }
}
