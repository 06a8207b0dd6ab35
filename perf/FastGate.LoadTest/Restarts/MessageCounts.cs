namespace FastGate.LoadTest.Restarts;

/// <summary>Numbered messages and what became of them.</summary>
/// <param name="Sent">Messages to which an answer belongs.</param>
/// <param name="Lost">Answers that did not come.</param>
/// <param name="Doubled">Answers that came twice, or that belong to no message.</param>
/// <param name="Reordered">Answers that came after a later one.</param>
internal readonly record struct MessageCounts(long Sent, long Lost, long Doubled, long Reordered)
{
    public static MessageCounts operator +(MessageCounts a, MessageCounts b) =>
        new(a.Sent + b.Sent, a.Lost + b.Lost, a.Doubled + b.Doubled, a.Reordered + b.Reordered);
}
