namespace FastGate.Configuration.Loading;

/// <summary>A key that nothing reads, with the nearest one that something reads. A class: the runtime compiles generic code for each structure, also at a start without such keys.</summary>
internal sealed record UnknownKey(string Key, string Nearest);
