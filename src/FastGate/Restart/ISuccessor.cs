namespace FastGate.Restart;

/// <summary>A process that was started to replace this one.</summary>
internal interface ISuccessor : IDisposable
{
    int ProcessId { get; }

    /// <summary>Its state now; never waits. One caller at a time.</summary>
    SuccessorState Poll();

    /// <summary>Kills it unless it has ended already.</summary>
    void Kill();
}
