namespace FastGate.Cluster;

/// <summary>The reply to a <see cref="NodeRequest"/>. An act that is refused was not run.</summary>
/// <param name="Id">Of the request.</param>
/// <param name="Refusal">Why there is no answer.</param>
/// <param name="Answer">Of the act; null when it is refused.</param>
internal sealed record NodeReply(string Id, NodeRefusal Refusal, NodeAnswer? Answer)
{
    /// <summary>The kind of the message.</summary>
    public const char Kind = 'R';
}
