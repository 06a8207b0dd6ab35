using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Diagnostics;

public sealed class ConnectionMetricsTests
{
    [Fact]
    public async Task There_are_never_fewer_than_none_whatever_comes_and_goes_meanwhile()
    {
        const int Looks = 20_000;
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new ConnectionMetrics(services.GetRequiredService<IMeterFactory>());
        using var stop = new CancellationTokenSource();
        var crowd = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                metrics.Accepted.Increment();
                metrics.ConnectionEnded(ConnectionEndReason.PeerClosed);
            }
        });

        long least = long.MaxValue;
        for (int look = 0; look < Looks; look++)
        {
            least = Math.Min(least, metrics.Open);
        }

        await stop.CancelAsync();
        await crowd;
        Assert.InRange(least, 0, long.MaxValue);
        Assert.Equal(0, metrics.Open);
    }
}
