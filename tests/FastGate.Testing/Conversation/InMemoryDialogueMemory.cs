using System.Collections.Concurrent;
using FastGate.Conversation;

namespace FastGate.Testing.Conversation;

/// <summary>Remembers in memory; can be slow to answer, by a gate the test opens.</summary>
internal sealed class InMemoryDialogueMemory : IDialogueMemory
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<DialogueTurn>> _turns = new();

    public string? Summary { get; init; }

    /// <summary>Loading waits for it.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;

    public CountSignal Loads { get; } = new();

    public IReadOnlyList<DialogueTurn> Of(string deviceId) => _turns.TryGetValue(deviceId, out var turns) ? turns.ToArray() : [];

    public async ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken)
    {
        Loads.Increment();
        await Gate;
        return new DialogueHistory(Summary, Of(deviceId));
    }

    public void Remember(string deviceId, string sessionId, DialogueTurn turn) =>
        _turns.GetOrAdd(deviceId, static _ => new ConcurrentQueue<DialogueTurn>()).Enqueue(turn);
}
