using FastGate.Conversation;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Summaries;

namespace FastGate.Hosting.Adapters;

/// <summary>The memory of dialogues. Connects Conversation to Memory.</summary>
internal sealed class DialogueMemory(MemoryWriter writer, MemorySummarizer summarizer, int maxTurns) : IDialogueMemory
{
    public async ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken)
    {
        DeviceMemory memory = await writer.LoadAsync(deviceId, maxTurns, cancellationToken);
        return new DialogueHistory(memory.Summary, [.. memory.Exchanges.Select(static stored => new Exchange(stored.At, stored.User, stored.Assistant))])
        {
            IsWhole = memory.IsWhole,
            MayGrow = writer.IsShared,
        };
    }

    public long Erasures => writer.Erasures;

    public bool ErasedSince(string deviceId, long erasures) => writer.ErasedSince(deviceId, erasures);

    public bool Remember(string deviceId, string sessionId, Exchange turn, long erasures)
    {
        JournalAdmission admission = writer.Append(new StoredExchange(writer.NextId(), deviceId, sessionId, turn.At, turn.User, turn.Assistant), erasures);
        if (admission == JournalAdmission.Accepted)
        {
            summarizer.NoteExchange(deviceId);
        }

        return admission != JournalAdmission.Erased;
    }

    public async Task<bool> ForgetAsync(string deviceId, CancellationToken cancellationToken)
    {
        try
        {
            await writer.EraseAsync(deviceId, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return false;
        }
    }

    public void Leave(string deviceId)
    {
        writer.SaveSoon(deviceId);
        summarizer.NoteDisconnect(deviceId);
    }
}
