namespace FastGate.Conversation;

/// <summary>The memory that a dialogue uses; implemented in Hosting. Never throws when the store fails.</summary>
internal interface IDialogueMemory
{
    /// <summary>Number of erasures so far, of all devices. Words and loaded history carry the number at their time.</summary>
    long Erasures { get; }

    /// <summary>The summary and the last exchanges of a device, oldest first; empty when none is stored or the store does not answer in time.</summary>
    ValueTask<DialogueHistory> LoadAsync(string deviceId, CancellationToken cancellationToken);

    /// <summary>True when the device was erased after that number: older data must not be used, sent or stored.</summary>
    bool ErasedSince(string deviceId, long erasures);

    /// <summary>
    /// Queues an exchange for storage; does not wait for the disk. False, and stored nowhere, when the device was erased after
    /// <paramref name="erasures"/>, the number at the start of the turn.
    /// </summary>
    bool Remember(string deviceId, string sessionId, Exchange turn, long erasures);

    /// <summary>Erases the device, as <see cref="ErasedSince"/> tells afterwards. False when the store failed.</summary>
    Task<bool> ForgetAsync(string deviceId, CancellationToken cancellationToken);

    /// <summary>The device has left; all of its exchanges were queued before.</summary>
    void Leave(string deviceId);
}
