using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Benchmarks.Conversation;

/// <summary>
/// Resolves a purpose to a leased client, as each turn does. Baseline: one dictionary lookup, without aliases, overrides, reload or lease.
/// </summary>
public class LlmResolutionBenchmarks
{
    private readonly ConcurrentDictionary<string, IChatClient> _floor = new(StringComparer.Ordinal);
    private LlmCatalog? _catalog;

    [ParamsSource(nameof(PurposeValues))]
    public string Purpose { get; set; } = "";

    public static IEnumerable<string> PurposeValues => ["chat", "memory"];

    [GlobalSetup]
    public void Setup()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FastGate:Llm:Providers:fast:Type"] = "echo",
            ["FastGate:Llm:ByMode:default"] = "echo",
            ["FastGate:Llm:ByMode:chat:alias"] = "fast",
            ["FastGate:Llm:ByMode:chat:overrides:Temperature"] = "0.3",
        }).Build();
        _catalog = new LlmCatalog(
            LlmConfiguration.Read(configuration.GetSection("FastGate:Llm")), new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        _floor[Purpose] = new EchoChatClient();
    }

    [Benchmark(Baseline = true)]
    public IChatClient Dictionary() => _floor[Purpose];

    [Benchmark]
    public string FastGate()
    {
        using LlmLease resolved = _catalog!.Resolve(Purpose);
        return resolved.Alias;
    }

    [GlobalCleanup]
    public void Cleanup() => _catalog?.Dispose();
}
