using FastGate.Diagnostics;
using FastGate.Memory.Journal;

namespace FastGate.Memory.Summaries;

/// <summary>Works the next exchanges of a device into its summary by one call to the model. Callers may run at the same time for different devices.</summary>
internal sealed class SummaryUpdater(MemoryWriter memory, ISummaryModel model, MemoryMetrics metrics, TimeProvider time)
{
    // The input of one call is bounded, so that neither a long history nor long exchanges exceed the model's context window. A failure
    // halves the number of exchanges because more of them have accumulated by the next attempt; a success doubles it again.
    private const int MaxExchanges = 64;
    private const int MinExchanges = 4;
    private const int CharactersPerExchange = 768;

    // A longer answer is not a summary.
    private const int MaxSummaryLength = 16 * 1024;

    // The provider's own timeouts, which the operator sets, end a call. This one, longer than any of them, is for a model that never returns.
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromHours(2);

    // Concurrent calls may overwrite each other's step; later calls correct it.
    private volatile int _exchangesPerCall = MaxExchanges;

    /// <summary>Returns true when more exchanges are to be summarized; false when there are none or the summary could not be made.</summary>
    public async Task<bool> UpdateAsync(string deviceId, CancellationToken cancellationToken)
    {
        // While saves fail the summary could not be stored, and the call would be wasted.
        if (memory.Health.Degraded)
        {
            metrics.Summary("postponed");
            return false;
        }

        int count = _exchangesPerCall;
        MemoryPage page = await memory.ReadAfterAsync(deviceId, null, count, cancellationToken);
        if (page.Exchanges.Count == 0)
        {
            return false;
        }

        IReadOnlyList<StoredExchange> exchanges = TakeFitting(page.Exchanges, count * CharactersPerExchange);
        using var deadline = new CancellationTokenSource(s_callTimeout, time);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        if (await AskAsync(page.Summary?.Text, exchanges, count, call.Token) is not { } text)
        {
            metrics.Summary("failed");
            return false;
        }

        var summary = new StoredSummary(text, exchanges[^1].Id, time.GetUtcNow());
        bool kept = await memory.SaveSummaryAsync(deviceId, summary, page.Summary?.CoversTo ?? 0, call.Token);
        metrics.Summary(kept ? "kept" : "obsolete");
        return kept && (page.More || exchanges.Count < page.Exchanges.Count);
    }

    /// <summary>Returns null when the answer is not a summary.</summary>
    private async Task<string?> AskAsync(string? previous, IReadOnlyList<StoredExchange> exchanges, int count, CancellationToken cancellationToken)
    {
        bool succeeded = false;
        try
        {
            string? text = await model.SummarizeAsync(previous, exchanges, cancellationToken).WaitAsync(cancellationToken);
            succeeded = !string.IsNullOrWhiteSpace(text) && text.Length <= MaxSummaryLength;
            return succeeded ? text : null;
        }
        finally
        {
            _exchangesPerCall = succeeded ? Math.Min(count * 2, MaxExchanges) : Math.Max(count / 2, MinExchanges);
        }
    }

    /// <summary>The first exchanges within the limit of characters, at least one.</summary>
    private static IReadOnlyList<StoredExchange> TakeFitting(IReadOnlyList<StoredExchange> exchanges, int maxCharacters)
    {
        int characters = 0;
        for (int i = 0; i < exchanges.Count; i++)
        {
            characters += exchanges[i].User.Length + exchanges[i].Assistant.Length;
            if (characters > maxCharacters && i > 0)
            {
                return [.. exchanges.Take(i)];
            }
        }

        return exchanges;
    }
}
