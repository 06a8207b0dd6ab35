using FastGate.Conversation.Workers;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Conversation;

public sealed class ConversationThreadsTests
{
    [Fact]
    public async Task Thread_survives_an_exception_of_its_work_item()
    {
        using var threads = new ConversationThreads(1, NullLogger.Instance);
        threads.Post(static _ => throw new InvalidOperationException("fault"), null);
        var name = new TaskCompletionSource<string?>();
        threads.Post(_ => name.SetResult(Thread.CurrentThread.Name), null);
        Assert.Equal("fastgate-llm-0", await name.Task.WaitAsync(CountSignal.Timeout));
    }

    [Fact]
    public async Task Urgent_items_run_before_older_items()
    {
        using var threads = new ConversationThreads(1, NullLogger.Instance);
        using var gate = new ManualResetEventSlim();
        var order = new List<int>();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource();
        threads.Post(
            _ =>
            {
                held.SetResult();
                gate.Wait(CountSignal.Timeout);
            },
            null);
        await held.Task.WaitAsync(CountSignal.Timeout);
        threads.Post(_ => order.Add(2), null);
        threads.Post(_ => done.SetResult(), null);
        threads.PostUrgent(_ => order.Add(1), null);
        Assert.Equal(3, threads.Ready);
        gate.Set();
        await done.Task.WaitAsync(CountSignal.Timeout);
        Assert.Equal([1, 2], order);
    }

    [Fact]
    public async Task Awaited_code_resumes_on_the_threads()
    {
        using var threads = new ConversationThreads(2, NullLogger.Instance);
        var resumed = new TaskCompletionSource<string?>();
        var elsewhere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        threads.Post(
            async _ =>
            {
                await elsewhere.Task;
                resumed.SetResult(Thread.CurrentThread.Name);
            },
            null);
        elsewhere.SetResult();
        Assert.StartsWith("fastgate-llm-", await resumed.Task.WaitAsync(CountSignal.Timeout), StringComparison.Ordinal);
    }
}
