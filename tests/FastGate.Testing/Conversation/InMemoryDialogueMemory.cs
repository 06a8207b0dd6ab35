using System.Collections.Concurrent;
using FastGate.Conversation;

namespace FastGate.Testing.Conversation;

/// <summary>A dialogue memory in RAM; can be slow, until the test opens a gate, and can answer incompletely.</summary>
internal sealed class InMemoryDialogueMemory : IDialogueMemory
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Exchange>> _turns = new();
    private readonly ConcurrentDictionary<string, long> _erased = new();
    private long _erasures;

    public string? Summary { get; set; }

    /// <summary>Loads wait for this task.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Whether loads return nothing and report it, as when the store fails.</summary>
    public bool InTrouble { get; set; }

    /// <summary>Whether another server may add turns.</summary>
    public bool MayGrow { get; set; }

    public CountSignal Loads { get; } = new();

    /// <summary>The task of the last load.</summary>
    public Task<DialogueHistory>? LastLoad { get; private set; }

    public ConcurrentQueue<string> Left { get; } = new();

    public IReadOnlyList<Exchange> Of(string deviceId) => _turns.TryGetValue(deviceId, out ConcurrentQueue<Exchange>? turns) ? turns.ToArray() : [];

    public ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken)
    {
        LastLoad = LoadCoreAsync(deviceId);
        Loads.Increment();
        return new ValueTask<DialogueHistory>(LastLoad);
    }

    public long Erasures => Interlocked.Read(ref _erasures);

    public void Erase(string deviceId)
    {
        _turns.TryRemove(deviceId, out _);
        _erased[deviceId] = Interlocked.Increment(ref _erasures);
    }

    public Task<bool> ForgetAsync(string deviceId, CancellationToken cancellationToken)
    {
        if (!InTrouble)
        {
            Erase(deviceId);
        }

        return Task.FromResult(!InTrouble);
    }

    public bool ErasedSince(string deviceId, long erasures) => _erased.GetValueOrDefault(deviceId) > erasures;

    public bool Remember(string deviceId, string sessionId, Exchange turn, long erasures)
    {
        if (ErasedSince(deviceId, erasures))
        {
            return false;
        }

        Keep(deviceId, turn);
        return true;
    }

    public void Keep(string deviceId, Exchange turn) => _turns.GetOrAdd(deviceId, static _ => new ConcurrentQueue<Exchange>()).Enqueue(turn);

    public void Leave(string deviceId) => Left.Enqueue(deviceId);

    private async Task<DialogueHistory> LoadCoreAsync(string deviceId)
    {
        await Gate;
        return InTrouble ? DialogueHistory.Empty with { IsWhole = false } : new DialogueHistory(Summary, Of(deviceId)) { MayGrow = MayGrow };
    }
}
