namespace FastGate.Conversation;

/// <summary>Where nobody listens.</summary>
internal sealed class NullReplySink : IReplySink
{
    private NullReplySink()
    {
    }

    public static NullReplySink Instance { get; } = new();

    public bool IsCancelled => true;

    public void Emotion(string emoji, string emotion)
    {
    }

    public void Sentence(string text)
    {
    }

    public void Complete(TurnOutcome outcome)
    {
    }
}
