using System.Collections.Concurrent;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Summaries;

/// <summary>
/// Keeps the summary of each device up to date: when it leaves and every so many turns, never on a loop, one at a time per device,
/// several requests for a device being one. What fails leaves everything as it was; the turns are still there for the next occasion.
/// </summary>
internal sealed class MemorySummarizer : IAsyncDisposable
{
    // A summary costs a call to the LLM of seconds; more at once would take the providers away from conversations.
    private const int Workers = 4;

    // What one call is given, so that neither a long history nor long turns outgrow a model's window. After a failure half of it, down to the
    // least: turns wait for the next occasion and become more, and a model that could not work in these will not work in those.
    private const int MostTurnsOfCall = 64;
    private const int LeastTurnsOfCall = 4;
    private const int CharactersOfTurn = 768;

    // A model that answers with more than this has not summarised.
    private const int LongestSummary = 16 * 1024;

    // A call ends by its budget, which is the operator's to set. This takes the thread back from a model that never ends, and is beyond any budget.
    private static readonly TimeSpan s_callWait = TimeSpan.FromHours(2);
    private static readonly TimeSpan s_stopWait = TimeSpan.FromSeconds(2);

    private readonly MemoryWriter _memory;
    private readonly ISummaryModel _model;
    private readonly MemoryMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly int _mostDevices;
    private readonly BlockingCollection<string> _queue;
    private readonly CancellationTokenSource _stop = new();

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SummaryState> _devices = new(StringComparer.Ordinal);
    private bool _postponing;
    private int _disposed;
    private int _every;

    // Racing workers may lose a step of each other's, which the next call makes good.
    private volatile int _turnsOfCall = MostTurnsOfCall;
    private int _inHand;
    private Task _workers = Task.CompletedTask;

    public MemorySummarizer(
        MemoryWriter memory,
        ISummaryModel model,
        MemoryOptions options,
        MemoryLimits limits,
        MemoryMetrics metrics,
        ILogger<MemorySummarizer> logger,
        TimeProvider time)
    {
        _memory = memory;
        _model = model;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        _mostDevices = limits.SummaryDevices;
        _queue = new BlockingCollection<string>(limits.Summaries);
        Apply(options);
        metrics.ObserveSummaries(() => Waiting);
    }

    /// <summary>Devices waiting for a summary.</summary>
    public int Waiting => _queue.Count;

    public SummaryStatus Status
    {
        get
        {
            int inHand = Volatile.Read(ref _inHand);
            return new SummaryStatus(Workers, Waiting, _queue.BoundedCapacity, inHand, (double)inHand / Workers, Devices);
        }
    }

    /// <summary>Devices that stand here: those that said something while connected, and those being summarised.</summary>
    public int Devices
    {
        get
        {
            lock (_gate)
            {
                return _devices.Count;
            }
        }
    }

    public void Start()
    {
        if (_memory.Enabled)
        {
            _workers = Task.WhenAll(Enumerable.Range(0, Workers).Select(number => Task.Factory.StartNew(
                () => Work(number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        }
    }

    /// <summary>What may change while the gateway runs. Any thread.</summary>
    public void Apply(MemoryOptions options) => Volatile.Write(ref _every, Math.Max(1, options.SummarizeEvery));

    /// <summary>A turn was accepted. Any thread; never waits.</summary>
    public void NoteTurn(string deviceId)
    {
        if (!_memory.Enabled)
        {
            return;
        }

        lock (_gate)
        {
            if (!_devices.TryGetValue(deviceId, out SummaryState? state))
            {
                // Only devices that are connected or being summarised stand here; the bound is for the day that is not so.
                if (_devices.Count >= _mostDevices)
                {
                    return;
                }

                state = new SummaryState();
                _devices.Add(deviceId, state);
            }

            state.Gone = false;
            if (++state.Turns >= Volatile.Read(ref _every))
            {
                Ask(deviceId, state);
            }
        }
    }

    /// <summary>The device has left. Any thread; never waits. One that said nothing since its last summary needs none.</summary>
    public void NoteDisconnect(string deviceId)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(deviceId, out SummaryState? state))
            {
                return;
            }

            state.Gone = true;
            if (state.Turns > 0)
            {
                Ask(deviceId, state);
            }

            Tidy(deviceId, state);
        }
    }

    /// <summary>Gives up what is in hand and what waits; their turns are kept and summarised at the device's next occasion. Waits once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.CompleteAdding();
        await _stop.CancelAsync();
        await Task.WhenAny(_workers, Task.Delay(s_stopWait));
    }

    private void Ask(string deviceId, SummaryState state)
    {
        if (state.Asked)
        {
            state.Again = true;
            state.Turns = 0;
            return;
        }

        if (TryEnqueue(deviceId))
        {
            state.Asked = true;
            state.Turns = 0;
            _postponing = false;
            return;
        }

        _metrics.Summary("postponed");
        if (!_postponing && !_stop.IsCancellationRequested)
        {
            _postponing = true;
            _logger.SummariesPostponed(Waiting);
        }
    }

    // A device that has left and waits for nothing must not be remembered here.
    private void Tidy(string deviceId, SummaryState state)
    {
        if (state.Gone && !state.Asked)
        {
            _devices.Remove(deviceId);
        }
    }

    private bool TryEnqueue(string deviceId)
    {
        try
        {
            return _queue.TryAdd(deviceId);
        }
        catch (InvalidOperationException)
        {
            // Stopping.
            return false;
        }
    }

    /// <summary>A thread of its own: it stands still while a model thinks, as nobody waits for it.</summary>
    private void Work(int number)
    {
        Thread.CurrentThread.Name = $"fastgate-sum-{number}";
        try
        {
            foreach (string deviceId in _queue.GetConsumingEnumerable(_stop.Token))
            {
                Interlocked.Increment(ref _inHand);
                Summarize(deviceId);
                Interlocked.Decrement(ref _inHand);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping; nothing is half done, since a summary is kept whole or not at all.
        }
    }

    private void Summarize(string deviceId)
    {
        bool again;
        do
        {
            lock (_gate)
            {
                // Requests from now on may be about turns the read below does not see.
                _devices[deviceId].Again = false;
            }

            try
            {
                while (SummarizeOnce(deviceId))
                {
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception exception)
            {
                _metrics.Summary("failed");
                _logger.SummaryFailed(deviceId, exception.Message);
            }

            lock (_gate)
            {
                SummaryState state = _devices[deviceId];
                again = state.Again;
                state.Asked = again;
                Tidy(deviceId, state);
            }
        }
        while (again);
    }

    /// <summary>Works the next stretch of turns into the summary; true when more follow.</summary>
    private bool SummarizeOnce(string deviceId)
    {
        // With saves waiting the summary could not be kept: not worth a call.
        if (_memory.Health.Degraded)
        {
            _metrics.Summary("postponed");
            return false;
        }

        int turnsOfCall = _turnsOfCall;
        MemoryPage page = _memory.ReadAfterAsync(deviceId, null, turnsOfCall, _stop.Token).AsTask().GetAwaiter().GetResult();
        if (page.Turns.Count == 0)
        {
            return false;
        }

        IReadOnlyList<StoredExchange> turns = Fitting(page.Turns, turnsOfCall * CharactersOfTurn);
        using var deadline = new CancellationTokenSource(s_callWait, _time);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, deadline.Token);
        if (Ask(page.Summary?.Text, turns, turnsOfCall, call.Token) is not { } text)
        {
            _metrics.Summary("failed");
            return false;
        }

        var summary = new StoredSummary(text, turns[^1].Id, _time.GetUtcNow());
        bool kept = _memory.SaveSummaryAsync(deviceId, summary, page.Summary?.CoversTo ?? 0, call.Token).AsTask().GetAwaiter().GetResult();
        _metrics.Summary(kept ? "kept" : "obsolete");
        return kept && (page.More || turns.Count < page.Turns.Count);
    }

    /// <summary>Null when what came is no summary.</summary>
    private string? Ask(string? previous, IReadOnlyList<StoredExchange> turns, int turnsOfCall, CancellationToken cancellationToken)
    {
        string? text = null;
        try
        {
            text = _model.SummarizeAsync(previous, turns, cancellationToken).WaitAsync(cancellationToken).GetAwaiter().GetResult();
            return string.IsNullOrWhiteSpace(text) || text.Length > LongestSummary ? text = null : text;
        }
        finally
        {
            _turnsOfCall = text is not null ? Math.Min(turnsOfCall * 2, MostTurnsOfCall) : Math.Max(turnsOfCall / 2, LeastTurnsOfCall);
        }
    }

    private static IReadOnlyList<StoredExchange> Fitting(IReadOnlyList<StoredExchange> turns, int most)
    {
        int characters = 0;
        for (int i = 0; i < turns.Count; i++)
        {
            characters += turns[i].User.Length + turns[i].Assistant.Length;
            if (characters > most && i > 0)
            {
                return [.. turns.Take(i)];
            }
        }

        return turns;
    }
}
