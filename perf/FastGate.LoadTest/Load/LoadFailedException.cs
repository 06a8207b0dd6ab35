namespace FastGate.LoadTest.Load;

/// <summary>The run measured nothing.</summary>
internal sealed class LoadFailedException : Exception
{
    public LoadFailedException(string message)
        : base(message)
    {
    }
}
