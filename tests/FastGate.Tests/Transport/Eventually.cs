using System.Diagnostics;

namespace FastGate.Tests.Transport;

/// <summary>Waits for a condition that another thread fulfils; the limit ends a hanging test.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Looks without a pause. A longer wait leaves the processors to the threads that fulfil the condition.</summary>
    private const int QuickLooks = 200;

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        for (int look = 0; !condition(); look++)
        {
            Assert.True(watch.Elapsed < Limit, $"Still not: {what}");
            if (look < QuickLooks)
            {
                await Task.Yield();
            }
            else
            {
                await Task.Delay(1);
            }
        }
    }

    public static Task Within(this Task task) => task.WaitAsync(Limit);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Limit);
}
