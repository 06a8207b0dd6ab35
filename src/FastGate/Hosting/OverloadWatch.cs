using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Limits;
using FastGate.Protocol.Identity;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.Loops;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// Reads memory, loops and descriptors once a second, and sheds what the level of overload says. The state belongs to the one watching task.
/// </summary>
internal sealed class OverloadWatch(
    Func<OverloadOptions> options,
    Func<OverloadReading> read,
    ConnectionServices connections,
    ConversationWorkers conversation,
    OverloadMetrics metrics,
    ILogger log)
{
    /// <summary>Devices that are closed in a second: each close costs work, which the server has too much of.</summary>
    public const int ClosedPerSecond = 100;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);

    private readonly OverloadRule _rule = new();

    /// <summary>A reader of this process.</summary>
    public static Func<OverloadReading> Reader(ITransport transport, TimeProvider time)
    {
        var memory = new ContainerMemory();
        IReadOnlyList<TimeSpan> before = [];
        long beforeAt = time.GetTimestamp();
        return () =>
        {
            IReadOnlyList<TimeSpan> now = ProcessorTimes(transport);
            TimeSpan elapsed = time.GetElapsedTime(beforeAt);
            double busiest = before.Count != now.Count || elapsed <= TimeSpan.Zero ? 0 : now.Zip(before, (after, earlier) => (after - earlier) / elapsed).Max();
            (before, beforeAt) = (now, time.GetTimestamp());
            return new OverloadReading(memory.UsedShare(), busiest, DescriptorBudget.OfProcess().UsedShare());
        };
    }

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_every);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Poll();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    public void Poll()
    {
        OverloadReading reading = read();
        (metrics.Memory, metrics.Loop, metrics.Descriptors) = (reading.Memory, reading.Loop, reading.Descriptors);
        OverloadLevel before = _rule.Level;
        OverloadLevel level = _rule.Step(reading, options());
        connections.Overload.Set(level, _rule.Reason);
        conversation.IsPressed = level != OverloadLevel.None;
        if (level > before)
        {
            log.Overloaded(_rule.Reason!, level == OverloadLevel.IdleDevices ? "idle devices with an automatic id are closed" : "new devices are refused");
        }
        else if (level == OverloadLevel.None && before != level)
        {
            log.OverloadOver();
        }

        if (level == OverloadLevel.IdleDevices)
        {
            CloseIdle();
        }
    }

    /// <summary>Of each event loop; the framework's sockets share all processors with the rest of the process.</summary>
    private static IReadOnlyList<TimeSpan> ProcessorTimes(ITransport transport) => transport is EventLoopTransport loops
        ? [.. loops.Loads().Select(static load => load.Processor)]
        : [Environment.CpuUsage.TotalTime / Environment.ProcessorCount];

    private void CloseIdle()
    {
        int closed = 0;
        foreach (DeviceConnection connection in connections.Registry)
        {
            if (connection.IdentitySource == IdentitySource.Generated && !connection.IsInTurn && connection.IsIdleFor(s_idle))
            {
                connection.RequestClose(ConnectionEndReason.Overloaded);
                if (++closed == ClosedPerSecond)
                {
                    return;
                }
            }
        }
    }
}
