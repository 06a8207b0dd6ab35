using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Diagnostics;

public sealed class ConnectionMetricsTests
{
    [Fact]
    public async Task Open_count_is_never_negative()
    {
        const int Reads = 20_000;
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new ConnectionMetrics(services.GetRequiredService<IMeterFactory>());
        using var stop = new CancellationTokenSource();
        var churn = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                metrics.Accepted.Increment();
                metrics.ConnectionEnded(ConnectionEndReason.PeerClosed);
            }
        });

        long least = long.MaxValue;
        for (int read = 0; read < Reads; read++)
        {
            least = Math.Min(least, metrics.Open);
        }

        await stop.CancelAsync();
        await churn;
        Assert.InRange(least, 0, long.MaxValue);
        Assert.Equal(0, metrics.Open);
    }
}
