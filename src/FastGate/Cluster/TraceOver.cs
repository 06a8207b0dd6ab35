namespace FastGate.Cluster;

/// <summary>A trace has ended on the node that has begun it.</summary>
/// <param name="Id">Of the trace.</param>
internal sealed record TraceOver(long Id)
{
    /// <summary>The kind of the message.</summary>
    public const char Kind = 'E';
}
