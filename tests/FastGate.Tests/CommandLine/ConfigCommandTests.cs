using System.Text.Json.Nodes;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.CommandLine;

/// <summary>The commands <c>config default</c> and <c>config doc</c>.</summary>
public sealed class ConfigCommandTests
{
    [Fact]
    public async Task Written_defaults_are_the_options_of_an_empty_configuration()
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync("config", "default");
        Assert.Equal(0, outcome.ExitCode);
        using var sources = new ConfigurationManager();
        string path = Path.Combine(Path.GetTempPath(), $"fastgate-defaults-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, outcome.Output);
        sources.AddJsonFile(path);
        using var configuration = new GatewayConfiguration(sources, NullLogger<GatewayConfiguration>.Instance);

        foreach (string key in OptionSchema.Keys.Keys)
        {
            Assert.Equal(OptionSchema.TextOf(new GatewayOptions(), key, ""), OptionSchema.TextOf(configuration.Current, key, ""));
        }

        File.Delete(path);
    }

    [Fact]
    public async Task Every_option_is_described()
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync("config", "doc", "--json");
        string[] keys = [.. outcome.Output.TrimEnd().Split('\n').Select(static line => (string)JsonNode.Parse(line)!["key"]!)];
        Assert.Empty(OptionSchema.Keys.Keys.Except(keys));
    }

    [Theory]
    [InlineData("Admin:Token", "Admin:Token\n  Bearer token")]
    [InlineData("FastGate:admin:token", "Admin:Token\n  Bearer token")]
    public async Task One_option_is_described_by_its_key(string key, string text)
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync("config", "doc", key);
        Assert.StartsWith(text, outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_option_is_not_found()
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync("config", "doc", "Nothing");
        Assert.Equal((5, "No option begins with \"Nothing\".\n"), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task Check_of_a_start_says_whether_it_is_usable()
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync("config", "check", "--json", "--FastGate:Devices:MaxConnections=0");
        Assert.Equal(1, outcome.ExitCode);
        Assert.False((bool)JsonNode.Parse(outcome.Output)!["usable"]!);
    }
}
