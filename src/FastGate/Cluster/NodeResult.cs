namespace FastGate.Cluster;

/// <summary>What came of a request to another node.</summary>
/// <param name="Outcome">Whether there is an answer.</param>
/// <param name="Node">The node that was asked; empty when none was.</param>
/// <param name="Answer">Only with <see cref="NodeOutcome.Answered"/>.</param>
/// <param name="Detail">Why the engine was not asked.</param>
internal sealed record NodeResult(NodeOutcome Outcome, string Node = "", NodeAnswer? Answer = null, string? Detail = null);
