namespace FastGate.Memory.Summaries;

/// <summary>Summarizes exchanges. The host implements it with the LLM of the <c>memory</c> purpose.</summary>
internal interface ISummaryModel
{
    /// <summary>Returns the new summary, or null when the model made none.</summary>
    Task<string?> SummarizeAsync(string? previous, IReadOnlyList<StoredExchange> exchanges, CancellationToken cancellationToken);
}
