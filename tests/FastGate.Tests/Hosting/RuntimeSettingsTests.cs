using System.Text.Json.Nodes;
using FastGate.Hosting;

namespace FastGate.Tests.Hosting;

/// <summary>
/// A tripwire: the settings of docs/decisions/0002-runtime-settings.md and 0008-start-time.md are in the file that the runtime reads. Whether they are
/// good ones, only a measurement shows.
/// </summary>
public sealed class RuntimeSettingsTests
{
    private static readonly JsonNode s_settings = JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "FastGate.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!;

    [Theory]
    [InlineData("System.GC.Server", "false")]
    [InlineData("System.GC.Concurrent", "false")]
    [InlineData("System.GC.Gen0MaxBudget", "2621440")]
    [InlineData("System.Runtime.TieredPGO", "true")]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", "0")]
    [InlineData("System.Threading.ThreadPool.ThreadsToKeepAlive", "2")]
    [InlineData("Microsoft.Extensions.DependencyInjection.DisableDynamicEngine", "true")]
    public void The_runtime_reads_the_decided_setting(string setting, string value) =>
        Assert.Equal(value, s_settings[setting]?.ToJsonString());

    [Fact]
    public void Kept_pool_threads_are_those_that_are_started() =>
        Assert.Equal(PoolThreads.Count, s_settings["System.Threading.ThreadPool.ThreadsToKeepAlive"]?.GetValue<int>());
}
