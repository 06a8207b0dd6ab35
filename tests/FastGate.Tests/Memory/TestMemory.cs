using System.Diagnostics.Metrics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory;
using FastGate.Memory.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Memory;

/// <summary>A memory writer over a given store, with a recorded log and a meter of its own.</summary>
internal sealed class TestMemory : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public TestMemory(IMemoryStore store, MemoryLimits? limits = null, MemoryOptions? options = null, TimeProvider? time = null, bool start = true)
    {
        Time = time ?? TimeProvider.System;
        Limits = limits ?? new MemoryLimits { RetryFirst = TimeSpan.FromMilliseconds(5), RetryLongest = TimeSpan.FromMilliseconds(50) };
        IMeterFactory factory = _services.GetRequiredService<IMeterFactory>();
        Meter = GatewayMeter.Create(factory).Meter;
        Metrics = new MemoryMetrics(factory);
        Writer = new MemoryWriter(store, options ?? new MemoryOptions(), Limits, Metrics, Log, Time);
        if (start)
        {
            Writer.Start();
        }
    }

    /// <summary>How long a test waits for something that must happen; a passing test never waits that long.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(60);

    public RecordingLogger<MemoryWriter> Log { get; } = new();

    public MemoryWriter Writer { get; }

    public Meter Meter { get; }

    public MemoryMetrics Metrics { get; }

    public MemoryLimits Limits { get; }

    public TimeProvider Time { get; }

    public StoredExchange Exchange(string deviceId, string user, string assistant = "answer") =>
        new(Writer.NextId(), deviceId, "session-1", Time.GetUtcNow(), user, assistant);

    public StoredExchange Say(string deviceId, string user, string assistant = "answer")
    {
        StoredExchange exchange = Exchange(deviceId, user, assistant);
        Assert.True(Writer.TryAppend(exchange));
        return exchange;
    }

    public async Task FlushAsync() => await Writer.FlushAsync(CancellationToken.None).WaitAsync(Timeout);

    /// <summary>What the user said, of the last exchanges of the device.</summary>
    public async Task<string[]> WordsAsync(string deviceId, int maxExchanges = 100) =>
        [.. (await Writer.LoadAsync(deviceId, maxExchanges, CancellationToken.None)).Exchanges.Select(static exchange => exchange.User)];

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _services.DisposeAsync();
    }
}
