namespace FastGate.Configuration.Options;

/// <summary>How many turns may wait to be written.</summary>
internal sealed record MemoryWorkerOptions
{
    public int Queue { get; init; } = 65_536;
}
