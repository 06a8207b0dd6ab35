using FastGate.Memory;

namespace FastGate.Tests.Memory.Summaries;

/// <summary>One question to the summary model, and where its answer goes.</summary>
internal sealed record SummaryCall(string? Previous, IReadOnlyList<StoredExchange> Turns, TaskCompletionSource<string?> Answer)
{
    public string[] Words => [.. Turns.Select(turn => turn.User)];
}
