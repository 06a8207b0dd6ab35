namespace FastGate.Http.Health;

/// <summary>Whether new devices should be sent here, and what there is to say about it; a ready gateway may have reasons too.</summary>
internal sealed record ReadinessReport(bool Ready, IReadOnlyList<string> Reasons)
{
    public static ReadinessReport Fine { get; } = new(true, []);
}
