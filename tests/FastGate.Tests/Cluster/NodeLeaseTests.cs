using System.Diagnostics.Metrics;
using System.Text.Json;
using FastGate.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Cluster;

/// <summary>When the other nodes see what has changed.</summary>
public sealed class NodeLeaseTests
{
    [Fact]
    public async Task Change_is_seen_when_the_renewal_that_was_asked_for_has_ended()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var engine = new FakeClusterEngine();
        var settings = new ClusterSettings { Heartbeat = TimeSpan.FromHours(1), RenewLimit = TimeSpan.FromHours(1) };
        await using TestNode node = new("a", engine, settings, services.GetRequiredService<IMeterFactory>());
        for (int devices = 1; devices <= 50; devices++)
        {
            node.Connect($"device-{devices}");
            await node.Cluster.RenewAsync().WaitAsync(Until.Hang);
            Assert.Equal(devices, JsonSerializer.Deserialize(engine.Load, ClusterJson.Default.NodeLoad)!.Devices);
        }

        engine.Abandon();
    }

    [Fact]
    public async Task An_engine_that_does_not_answer_ends_the_wait()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var engine = new FakeClusterEngine { Failure = new ClusterEngineException("away") };
        await using TestNode node = new("a", engine, new ClusterSettings(), services.GetRequiredService<IMeterFactory>());
        await node.Cluster.RenewAsync().WaitAsync(Until.Hang);
        Assert.Equal("", engine.Load);
    }
}
