namespace FastGate.Memory.Summaries;

/// <summary>Makes a summary of turns; implemented above this floor by the LLM of the <c>memory</c> purpose.</summary>
internal interface ISummaryModel
{
    /// <summary>The new summary, or null when none could be made.</summary>
    Task<string?> SummarizeAsync(string? previous, IReadOnlyList<StoredExchange> turns, CancellationToken cancellationToken);
}
