using System.Diagnostics;
using System.Text.Json;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Journal;

/// <summary>Whether exchanges are being saved; <paramref name="Reason"/> says why not.</summary>
internal sealed record MemoryHealth(bool Degraded, string? Reason)
{
    public static MemoryHealth Healthy { get; } = new(false, null);
}

/// <summary>Turns failed and successful attempts into one state and one log line per change. Written by the writer thread; any thread reads.</summary>
internal sealed class MemoryHealthTracker(ILogger logger, MemoryMetrics metrics)
{
    private MemoryHealth _current = MemoryHealth.Healthy;
    private long _degradedSince;
    private int _attempts;

    public MemoryHealth Current => Volatile.Read(ref _current);

    public void Failed(MemoryFailure failure, string message, int pending)
    {
        metrics.Failed(Tag(failure));
        _attempts++;
        bool first = !_current.Degraded;
        Volatile.Write(ref _current, new MemoryHealth(true, $"{failure}: {message}"));
        if (first)
        {
            _degradedSince = Stopwatch.GetTimestamp();
            logger.MemoryDegraded(Tag(failure), message, pending);
        }
    }

    public void Recovered()
    {
        if (!_current.Degraded)
        {
            return;
        }

        Volatile.Write(ref _current, MemoryHealth.Healthy);
        logger.MemoryRecovered(Stopwatch.GetElapsedTime(_degradedSince).TotalSeconds, _attempts);
        _attempts = 0;
    }

    /// <summary>The name as a metric label, such as <c>read_only</c>.</summary>
    private static string Tag(MemoryFailure failure) => JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString());
}
