namespace FastGate.Memory;

/// <summary>What is long past, in short. <paramref name="CoversTo"/> is the id of the last turn that went into it.</summary>
internal sealed record StoredSummary(string Text, long CoversTo, DateTimeOffset At);
