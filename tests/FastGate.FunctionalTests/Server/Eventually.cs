using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FastGate.FunctionalTests.Server;

/// <summary>Waits for something that can be seen from outside, by looking again until a deadline.</summary>
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
        using PeriodicTimer look = new(s_interval);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Not true within {limit}: {what}");
            }

            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>Looks until the value passes, and returns it; the message of the failure holds the last value seen.</summary>
    public static async Task<T> ValueAsync<T>(Func<Task<T>> read, Func<T, bool> passes, TimeSpan? deadline = null)
    {
        TimeSpan limit = deadline ?? Deadline.Hang;
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer look = new(s_interval);
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

            await look.WaitForNextTickAsync();
        }
    }
}
