namespace FastGate.Restart;

/// <summary>How far a successor has come, before it serves.</summary>
internal enum SuccessorState
{
    /// <summary>It reads its configuration and builds what it will serve with.</summary>
    Starting,

    /// <summary>It could do all it can do while its predecessor lives.</summary>
    Waiting,

    /// <summary>It ended because it was told to.</summary>
    Stopped,

    /// <summary>It ended by itself, without having served.</summary>
    Failed,
}
