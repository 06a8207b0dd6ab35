using FastGate.Conversation;
using FastGate.Memory;

namespace FastGate.Sessions;

/// <summary>Gives dialogues their memory: the two rooms do not know each other.</summary>
internal sealed class RememberedDialogues(MemoryWriter writer, MemorySummarizer summarizer, int maxTurns) : IDialogueMemory
{
    public async ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken)
    {
        var memory = await writer.LoadAsync(deviceId, maxTurns, cancellationToken);
        return new DialogueHistory(memory.Summary, [.. memory.Turns.Select(turn => new DialogueTurn(turn.At, turn.User, turn.Assistant))])
        {
            IsWhole = memory.IsWhole,
        };
    }

    public long Erasures => writer.Erasures;

    public bool ErasedSince(string deviceId, long erasures) => writer.ErasedSince(deviceId, erasures);

    public bool Remember(string deviceId, string sessionId, DialogueTurn turn, long erasures)
    {
        var admission = writer.Append(new StoredTurn(writer.NextId(), deviceId, sessionId, turn.At, turn.User, turn.Assistant), erasures);
        if (admission == JournalAdmission.Accepted)
        {
            summarizer.NoteTurn(deviceId);
        }

        return admission != JournalAdmission.Erased;
    }

    public void Leave(string deviceId) => summarizer.NoteDisconnect(deviceId);
}
