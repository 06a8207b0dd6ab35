namespace FastGate.Restart;

/// <summary>A process started to take over, as the one it replaces sees it.</summary>
internal interface ISuccessor : IDisposable
{
    int ProcessId { get; }

    /// <summary>What is known of it now; never waits. Asked by one caller at a time.</summary>
    SuccessorState Poll();

    /// <summary>Ends it at once, and nothing else: a process that has ended already is left alone.</summary>
    void Kill();
}
