namespace FastGate.Cluster;

/// <summary>Lines of a trace that another node has begun.</summary>
/// <param name="Id">Of the trace.</param>
/// <param name="Node">The node that sends them.</param>
/// <param name="Lines">None when the node only asks whether the trace still runs.</param>
internal sealed record TraceLines(long Id, string Node, IReadOnlyList<string> Lines)
{
    /// <summary>The kind of the message.</summary>
    public const char Kind = 'L';
}
