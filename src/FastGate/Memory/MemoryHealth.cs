namespace FastGate.Memory;

/// <summary>Whether what is said is being kept; <paramref name="Reason"/> says why not.</summary>
internal sealed record MemoryHealth(bool Degraded, string? Reason)
{
    public static MemoryHealth Healthy { get; } = new(false, null);
}
