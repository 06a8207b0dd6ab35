using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FastGate.FunctionalTests.Server;

/// <summary>Polls a condition until a timeout.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(
        Func<bool> condition,
        TimeSpan? deadline = null,
        [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        TrueAsync(() => Task.FromResult(condition()), deadline, what);

    public static async Task TrueAsync(
        Func<Task<bool>> condition,
        TimeSpan? deadline = null,
        [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        TimeSpan limit = deadline ?? Deadline.Hang;
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer poll = new(s_interval);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Not true within {limit}: {what}");
            }

            await poll.WaitForNextTickAsync();
        }
    }

    /// <summary>Polls until the value passes and returns it; the exception's message contains the last value.</summary>
    public static async Task<T> ValueAsync<T>(Func<Task<T>> read, Func<T, bool> passes, TimeSpan? deadline = null)
    {
        TimeSpan limit = deadline ?? Deadline.Hang;
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer poll = new(s_interval);
        while (true)
        {
            T value = await read();
            if (passes(value))
            {
                return value;
            }

            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Still {value} after {limit}.");
            }

            await poll.WaitForNextTickAsync();
        }
    }
}
