using FastGate.Hosting;

namespace FastGate.Tests.Hosting;

public sealed class PoolThreadsTests
{
    /// <summary>On one processor the pool would wait a second before it starts the second thread, and the start of the server with it.</summary>
    [Fact]
    public void Pool_may_start_the_threads_without_a_delay_on_one_processor()
    {
        ThreadPool.GetMinThreads(out int workers, out int completionPorts);
        try
        {
            Assert.True(ThreadPool.SetMinThreads(1, completionPorts));
            PoolThreads.Start();
            ThreadPool.GetMinThreads(out int least, out _);
            Assert.Equal(PoolThreads.Count, least);
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, completionPorts);
        }
    }
}
