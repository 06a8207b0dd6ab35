namespace FastGate.Conversation;

/// <summary>What the dialogue asks of memory. Implemented above this floor; never throws for a store in trouble.</summary>
internal interface IDialogueMemory
{
    /// <summary>The summary and the last turns of a device, oldest first; empty when nothing is known or the store does not answer in time.</summary>
    ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken);

    /// <summary>Hands a finished turn to be kept. Does not wait for the disk.</summary>
    void Remember(string deviceId, string sessionId, DialogueTurn turn);
}
