namespace FastGate.Conversation;

/// <summary>Where nobody listens.</summary>
internal sealed class NobodySink : IReplySink
{
    private NobodySink()
    {
    }

    public static NobodySink Instance { get; } = new();

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
