namespace FastGate.Conversation.Workers;

/// <content>While the server is overloaded no turn waits.</content>
internal sealed partial class ConversationWorkers
{
    private volatile bool _isPressed;

    /// <summary>Whether the server is overloaded: a turn that would have to wait for a slot is refused at once. Any thread.</summary>
    public bool IsPressed
    {
        get => _isPressed;
        set => _isPressed = value;
    }
}
