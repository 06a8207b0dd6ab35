namespace FastGate.LoadTest.Restarts;

/// <summary>One restart as the thread that triggered it saw it.</summary>
internal sealed record RestartRound(string Answer, ProcessFootprint? Before, ProcessFootprint? After, bool Failed, IReadOnlyList<string> Log)
{
    public bool Restarted => !Failed && Before is { } before && After is { } after && before.Image != after.Image;
}
