using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Memory.Summaries;
using FastGate.Testing;

namespace FastGate.Tests.Memory.Summaries;

/// <summary>A summarizer, every three exchanges, over a memory in RAM and a model that the test scripts.</summary>
internal sealed class TestSummarizer : IAsyncDisposable
{
    private readonly IMemoryStore _store;

    public TestSummarizer(MemoryLimits? limits = null, IMemoryStore? store = null, TimeProvider? time = null, bool start = true)
    {
        _store = store ?? new FakeMemoryStore();
        Memory = new TestMemory(_store, limits);
        Summarizer = new MemorySummarizer(
            Memory.Writer, Model, new MemoryOptions { SummarizeEvery = 3 }, Memory.Limits, Memory.Metrics, Log, time ?? TimeProvider.System);
        if (start)
        {
            Summarizer.Start();
        }
    }

    public TestMemory Memory { get; }

    public MemorySummarizer Summarizer { get; }

    public ScriptedSummaryModel Model { get; } = new();

    public RecordingLogger<MemorySummarizer> Log { get; } = new();

    /// <summary>The device says each word and gets an answer to it.</summary>
    public void Say(string deviceId, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            Memory.Say(deviceId, word);
            Summarizer.NoteExchange(deviceId);
        }
    }

    public void SayAndLeave(string deviceId, params ReadOnlySpan<string> words)
    {
        Say(deviceId, words);
        Summarizer.NoteDisconnect(deviceId);
    }

    public async Task<DeviceMemory> LoadAsync(string deviceId) => await Memory.Writer.LoadAsync(deviceId, 10, CancellationToken.None);

    /// <summary>Waits until the summary is stored: the model's answer still has to be saved.</summary>
    public async Task SummaryAsync(string deviceId, string expected)
    {
        using var timeout = new CancellationTokenSource(TestMemory.Timeout);
        string? summary;
        do
        {
            await Task.Yield();
            await Memory.FlushAsync();
            summary = (await LoadAsync(deviceId)).Summary;
        }
        while (summary != expected && !timeout.IsCancellationRequested);
        Assert.Equal(expected, summary);
    }

    public async Task IdleAsync()
    {
        using var timeout = new CancellationTokenSource(TestMemory.Timeout);
        while (Summarizer.Status is not { Devices: 0, InFlight: 0 })
        {
            await Task.Delay(1, timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Summarizer.DisposeAsync();
        await Memory.DisposeAsync();
        _store.Dispose();
    }
}
