namespace FastGate.Conversation.Workers;

/// <content>Before a restart no turn may be in progress.</content>
internal sealed partial class ConversationWorkers
{
    /// <summary>No turn waits or runs. Any thread; only a snapshot.</summary>
    public bool IsIdle => Volatile.Read(ref _waiting) == 0 && Volatile.Read(ref _scheduled) == 0;

    /// <summary>Ends the turns that began from partial words and are not known to be said. Any thread.</summary>
    public void DropEarly()
    {
        foreach (Turn turn in _running.Keys)
        {
            turn.Early?.Drop();
            if (turn.Early is { IsDropped: true })
            {
                Cancel(turn);
            }
        }
    }
}
