using FastGate.Conversation;

namespace FastGate.Testing.Conversation;

/// <summary>Records the calls for one turn, in order.</summary>
internal sealed class RecordingReplySink : IReplySink
{
    private readonly TaskCompletionSource<TurnOutcome> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _events = [];

    /// <summary>Sentences so far.</summary>
    public CountSignal Spoken { get; } = new();

    public Task<TurnOutcome> Completed => _completed.Task.WaitAsync(CountSignal.Timeout);

    public int Completions { get; private set; }

    /// <summary>Called on the worker within <see cref="Complete"/>.</summary>
    public Action? OnComplete { get; init; }

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_events)
            {
                return _events.ToArray();
            }
        }
    }

    public IReadOnlyList<string> Sentences => Events.Where(static e => e.StartsWith("say ", StringComparison.Ordinal)).Select(static e => e[4..]).ToArray();

    public void Emotion(string emoji, string emotion) => Add("mood " + emotion);

    public void Sentence(string text)
    {
        Add("say " + text);
        Spoken.Increment();
    }

    public void EndSession() => Add("end session");

    public void Complete(TurnOutcome outcome)
    {
        Completions++;
        Add("end " + outcome);
        OnComplete?.Invoke();
        _completed.TrySetResult(outcome);
    }

    private void Add(string entry)
    {
        lock (_events)
        {
            _events.Add(entry);
        }
    }
}
