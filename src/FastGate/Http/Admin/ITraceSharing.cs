using FastGate.Flight;

namespace FastGate.Http.Admin;

/// <summary>Sends the lines of a trace to the node of a cluster that has begun it. Any thread.</summary>
internal interface ITraceSharing
{
    /// <summary>Of this node.</summary>
    string Node { get; }

    /// <summary>Sends the lines of a trace to the node that has begun it, until one of the two ends.</summary>
    void Forward(Trace trace, string node);

    /// <summary>A trace of this node has ended: the others end theirs.</summary>
    Task OverAsync(long id);
}
