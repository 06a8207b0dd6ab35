namespace FastGate.LoadTest.Load;

/// <summary>The run came to nothing: there is nothing to report.</summary>
internal sealed class LoadFailedException : Exception
{
    public LoadFailedException(string message)
        : base(message)
    {
    }
}
