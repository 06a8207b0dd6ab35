using System.Diagnostics.Metrics;
using System.Threading.Tasks.Sources;
using FastGate.Transport;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Loops;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Transport;

/// <summary>The race between the loop that ends an operation and the thread that comes to wait for it.</summary>
public sealed class LoopAwaitableTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly EventLoop _loop;

    public LoopAwaitableTests()
    {
        var metrics = new TransportMetrics(_services.GetRequiredService<IMeterFactory>().Create("FastGate"));
        _loop = new EventLoop(0, new TransportOptions(), NullLogger.Instance, metrics);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Who_comes_to_wait_in_time_is_continued_by_the_loop()
    {
        var awaitable = new LoopAwaitable();
        object handler = new();
        object? continued = null;
        awaitable.OnCompleted(state => continued = state, handler, awaitable.Version, ValueTaskSourceOnCompletedFlags.None, _loop);
        Assert.True(awaitable.IsAwaitedBy(handler));
        awaitable.Complete();
        Assert.Same(handler, continued);
        Assert.False(awaitable.IsAwaitedBy(handler));
    }

    [Fact]
    public void Who_comes_too_late_is_not_taken_for_one_whom_the_loop_continues()
    {
        // Its continuation is posted: nobody looks after it whether the handler has ended, so the handler must be watched.
        var awaitable = new LoopAwaitable();
        object handler = new();
        awaitable.Complete();
        awaitable.OnCompleted(static _ => { }, handler, awaitable.Version, ValueTaskSourceOnCompletedFlags.None, _loop);
        Assert.False(awaitable.IsAwaitedBy(handler));
    }
}
