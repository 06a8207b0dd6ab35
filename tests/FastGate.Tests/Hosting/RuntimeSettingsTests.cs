using System.Text.Json.Nodes;

namespace FastGate.Tests.Hosting;

/// <summary>What docs/decisions/0002-runtime-settings.md chose stands in the file that the runtime reads.</summary>
public class RuntimeSettingsTests
{
    private static readonly JsonNode s_settings = JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "FastGate.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!;

    [Theory]
    [InlineData("System.GC.Server", "false")]
    [InlineData("System.GC.Concurrent", "false")]
    [InlineData("System.Runtime.TieredPGO", "true")]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", "0")]
    public void The_runtime_is_told_what_was_chosen(string setting, string value) =>
        Assert.Equal(value, s_settings[setting]?.ToJsonString());
}
