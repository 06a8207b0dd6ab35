namespace FastGate.Restart;

/// <summary>The child's process id, or the system's error number where it is not 0.</summary>
internal readonly record struct SpawnResult(int ProcessId, int Error)
{
    public bool Succeeded => Error == 0;
}
