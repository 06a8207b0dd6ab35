using FastGate.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Hosting;

public sealed class IdleMemoryTests
{
    private long _open;
    private int _collected;

    [Fact]
    public void Memory_is_given_back_once_most_have_left_and_the_leaving_rests()
    {
        var memory = new IdleMemory(() => _open, () => _collected++, NullLogger<IdleMemory>.Instance);

        Assert.False(Look(memory, 10_000));
        Assert.False(Look(memory, 6_000));
        Assert.False(Look(memory, 100));
        Assert.True(Look(memory, 100));
        Assert.False(Look(memory, 100));
        Assert.Equal(1, _collected);
    }

    [Fact]
    public void Coming_and_going_of_a_few_never_pauses_anybody()
    {
        var memory = new IdleMemory(() => _open, () => _collected++, NullLogger<IdleMemory>.Instance);

        for (int round = 0; round < 100; round++)
        {
            Look(memory, round % 2 == 0 ? IdleMemory.WorthwhileLeavers - 1 : 0);
        }

        Assert.Equal(0, _collected);
    }

    private bool Look(IdleMemory memory, long open)
    {
        _open = open;
        return memory.Poll();
    }
}
