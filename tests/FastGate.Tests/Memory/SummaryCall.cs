using FastGate.Memory;

namespace FastGate.Tests.Memory;

/// <summary>One question to the summary model, and where its answer goes.</summary>
internal sealed record SummaryCall(string? Previous, IReadOnlyList<StoredTurn> Turns, TaskCompletionSource<string?> Answer)
{
    public string[] Words => [.. Turns.Select(turn => turn.User)];
}
