namespace FastGate.Restart;

/// <summary>The state of a successor before it serves.</summary>
internal enum SuccessorState
{
    /// <summary>It reads its configuration and creates its rooms.</summary>
    Starting,

    /// <summary>It is ready to bind and waits for the end of its predecessor.</summary>
    Waiting,

    /// <summary>It ended with exit status 0: something stopped it.</summary>
    Stopped,

    /// <summary>It ended by itself and never served.</summary>
    Failed,
}
