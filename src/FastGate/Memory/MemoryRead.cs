namespace FastGate.Memory;

/// <summary>A read waiting for the reader thread.</summary>
internal abstract class MemoryRead
{
    /// <summary>Carries the read out; never throws.</summary>
    public abstract void Run(IMemoryStore store);

    /// <summary>The reader has stopped.</summary>
    public abstract void Refuse();
}
