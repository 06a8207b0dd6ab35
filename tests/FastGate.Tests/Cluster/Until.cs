using System.Runtime.CompilerServices;

namespace FastGate.Tests.Cluster;

/// <summary>Waits for a condition. No result depends on the length of the limit.</summary>
internal static class Until
{
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, Func<string>? detail = null, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        for (long began = Environment.TickCount64; !condition(); await Task.Delay(1))
        {
            Assert.True(Environment.TickCount64 - began < Hang.TotalMilliseconds, $"not true: {what} {detail?.Invoke()}");
        }
    }
}
