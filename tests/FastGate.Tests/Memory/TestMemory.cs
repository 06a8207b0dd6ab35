using System.Diagnostics.Metrics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Memory;

/// <summary>A memory writer on a store of the test's choice, with its log at hand.</summary>
internal sealed class TestMemory : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public TestMemory(IMemoryStore store, MemoryLimits? limits = null, MemoryOptions? options = null, TimeProvider? time = null, bool start = true)
    {
        Time = time ?? TimeProvider.System;
        Limits = limits ?? new MemoryLimits { RetryFirst = TimeSpan.FromMilliseconds(5), RetryLongest = TimeSpan.FromMilliseconds(50) };
        Options = options ?? new MemoryOptions();
        IMeterFactory factory = _services.GetRequiredService<IMeterFactory>();
        Meter = GatewayMeter.Create(factory);
        Metrics = new MemoryMetrics(factory);
        Writer = new MemoryWriter(store, Options, Limits, Metrics, Log, Time);
        if (start)
        {
            Writer.Start();
        }
    }

    /// <summary>How long a test waits for what must come; no passing test comes near it.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(60);

    public RecordingLogger<MemoryWriter> Log { get; } = new();

    public MemoryWriter Writer { get; }

    /// <summary>The meter of this one, told apart from those of tests beside it.</summary>
    public Meter Meter { get; }

    public MemoryMetrics Metrics { get; }

    public MemoryLimits Limits { get; }

    public MemoryOptions Options { get; }

    public TimeProvider Time { get; }

    public StoredExchange Turn(string deviceId, string user, string assistant = "answer") =>
        new(Writer.NextId(), deviceId, "session-1", Time.GetUtcNow(), user, assistant);

    public StoredExchange Say(string deviceId, string user, string assistant = "answer")
    {
        StoredExchange turn = Turn(deviceId, user, assistant);
        Assert.True(Writer.TryAppend(turn));
        return turn;
    }

    public async Task FlushAsync() => await Writer.FlushAsync(CancellationToken.None).WaitAsync(Timeout);

    public async Task<string[]> WordsAsync(string deviceId, int maxTurns = 100) =>
        [.. (await Writer.LoadAsync(deviceId, maxTurns, CancellationToken.None)).Turns.Select(turn => turn.User)];

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _services.DisposeAsync();
    }
}
