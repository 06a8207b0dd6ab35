using FastGate.Transport;

namespace FastGate.Tests.Transport;

/// <summary>When memory is given back, and when it is not worth it.</summary>
public sealed class MemoryReturnTests
{
    private int _count;
    private int _collections;

    [Fact]
    public void A_Fleet_That_Has_Left_Is_Collected_Once()
    {
        using MemoryReturn watcher = Create();
        Look(watcher, 15_000, 15_000, 9_000, 4_000);
        Assert.Equal(0, _collections);
        Look(watcher, 20);
        Assert.Equal(0, _collections);
        Look(watcher, 20);
        Assert.Equal(1, _collections);
        Look(watcher, 20, 0, 0, 0);
        Assert.Equal(1, _collections);
        Look(watcher, 15_000, 0, 0);
        Assert.Equal(2, _collections);
    }

    [Theory]
    [InlineData(499, 0)]
    [InlineData(10_000, 5_001)]
    public void Few_Or_Less_Than_Half_Are_Not_Worth_It(int peak, int left)
    {
        using MemoryReturn watcher = Create();
        Look(watcher, peak, left, left, left);
        Assert.Equal(0, _collections);
    }

    [Fact]
    public void The_Real_Collection_Runs()
    {
        using var watcher = new MemoryReturn(() => _count, TimeProvider.System);
        int before = GC.CollectionCount(GC.MaxGeneration);
        Look(watcher, 1_000, 0, 0);
        Assert.True(GC.CollectionCount(GC.MaxGeneration) > before);
    }

    private MemoryReturn Create() => new(() => _count, TimeProvider.System, () => _collections++);

    private void Look(MemoryReturn watcher, params ReadOnlySpan<int> counts)
    {
        foreach (int count in counts)
        {
            _count = count;
            watcher.Look();
        }
    }
}
