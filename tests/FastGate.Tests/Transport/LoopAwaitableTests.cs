using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

public sealed class LoopAwaitableTests
{
    [Fact]
    public void Completing_continues_the_waiting_handler()
    {
        var awaitable = new LoopAwaitable();
        object handler = new();
        object? continued = null;
        awaitable.OnCompleted(state => continued = state, handler, awaitable.Version);
        Assert.True(awaitable.IsAwaitedBy(handler));
        awaitable.Complete();
        Assert.Same(handler, continued);
        Assert.False(awaitable.IsAwaitedBy(handler));
    }

    [Fact]
    public void Awaiting_a_completed_operation_continues_at_once()
    {
        var awaitable = new LoopAwaitable();
        bool isContinued = false;
        awaitable.Complete();
        awaitable.OnCompleted(_ => isContinued = true, null, awaitable.Version);
        Assert.True(isContinued);
    }

    [Fact]
    public void A_taken_result_cannot_be_taken_again()
    {
        var awaitable = new LoopAwaitable();
        short token = awaitable.Version;
        Assert.Throws<InvalidOperationException>(() => awaitable.Take(token));
        awaitable.Complete();
        awaitable.Take(token);
        Assert.Throws<InvalidOperationException>(() => awaitable.Take(token));
        Assert.Throws<InvalidOperationException>(() => awaitable.Status(token));
    }

    [Fact]
    public void Two_awaits_of_one_operation_throw()
    {
        var awaitable = new LoopAwaitable();
        awaitable.OnCompleted(static _ => { }, null, awaitable.Version);
        Assert.Throws<InvalidOperationException>(() => awaitable.OnCompleted(static _ => { }, null, awaitable.Version));
    }
}
