using System.Threading.Tasks.Sources;
using FastGate.Diagnostics;
using FastGate.Transport;
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
        var metrics = ActivatorUtilities.CreateInstance<TransportMetrics>(_services);
        _loop = new EventLoop(0, new TransportSettings(), NullLogger.Instance, metrics);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Who_Comes_To_Wait_In_Time_Is_Continued_By_The_Loop()
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
    public void Who_Comes_Too_Late_Is_Not_Taken_For_One_Whom_The_Loop_Continues()
    {
        // Its continuation is posted: nobody looks after it whether the handler has ended, so the handler must be watched.
        var awaitable = new LoopAwaitable();
        object handler = new();
        awaitable.Complete();
        awaitable.OnCompleted(static _ => { }, handler, awaitable.Version, ValueTaskSourceOnCompletedFlags.None, _loop);
        Assert.False(awaitable.IsAwaitedBy(handler));
    }
}
