using FastGate.Hosting;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Hosting;

public sealed class FleetWalkTests
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(20);

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1_000)]
    [InlineData(100)]
    [InlineData(5)]
    public async Task Devices_are_visited_at_the_rate(int perSecond)
    {
        var walk = new FleetWalk(_time, CancellationToken.None);
        int visited = 0;
        Assert.True(walk.TryStart(Enumerable.Range(0, perSecond * 2), perSecond, _ => visited++, out Task done));
        for (int slice = 1; !done.IsCompleted; slice++)
        {
            // At most what is due by the end of the slice, and one to begin with.
            Assert.InRange(visited, perSecond * (slice - 1) * 0.02, 2 + (perSecond * slice * 0.02));
            await _time.TurnToNextAsync(s_slice);
            await Task.WhenAny(done, _time.NextDueInAsync(s_slice));
        }

        Assert.Equal(perSecond * 2, visited);
        Assert.Equal(0, walk.Running);
    }

    [Fact]
    public async Task Walk_beyond_the_bound_is_refused_until_another_has_ended()
    {
        using var stop = new CancellationTokenSource();
        var walk = new FleetWalk(_time, stop.Token);
        Task[] walks = [.. Enumerable.Range(0, FleetWalk.MaxWalks).Select(_ =>
        {
            Assert.True(walk.TryStart(Enumerable.Range(0, 100), 1, static _ => { }, out Task one));
            return one;
        })];
        Assert.False(walk.TryStart([1], 1, static _ => { }, out _));
        Assert.Equal(FleetWalk.MaxWalks, walk.Running);

        await stop.CancelAsync();
        await Task.WhenAll(walks);
        Assert.True(walk.TryStart([1], 1, static _ => { }, out _));
    }

    [Fact]
    public async Task Failing_act_ends_the_walk()
    {
        var walk = new FleetWalk(_time, CancellationToken.None);
        Assert.True(walk.TryStart([1, 2], 100, static _ => throw new InvalidOperationException(), out Task done));
        await Assert.ThrowsAsync<InvalidOperationException>(() => done);
        Assert.Equal(0, walk.Running);
    }
}
