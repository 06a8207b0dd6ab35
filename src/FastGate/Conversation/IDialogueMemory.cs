namespace FastGate.Conversation;

/// <summary>What the dialogue asks of memory. Implemented above this floor; never throws for a store in trouble.</summary>
internal interface IDialogueMemory
{
    /// <summary>The summary and the last turns of a device, oldest first; empty when nothing is known or the store does not answer in time.</summary>
    ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken);

    /// <summary>Erasures so far, of whatever device: what is said or read is as old as the number at that moment.</summary>
    long Erasures { get; }

    /// <summary>Whether the device was erased after that moment: what is older must not be used, sent or kept any more.</summary>
    bool ErasedSince(string deviceId, long erasures);

    /// <summary>
    /// Hands a finished turn to be kept. Does not wait for the disk. False when the device was erased after the turn began
    /// (<paramref name="erasures"/>), which then is kept nowhere.
    /// </summary>
    bool Remember(string deviceId, string sessionId, Exchange turn, long erasures);

    /// <summary>The device has left, and every turn of it was handed over before.</summary>
    void Leave(string deviceId);
}
