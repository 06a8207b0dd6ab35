namespace FastGate.Configuration.Xiaozhi;

/// <summary>What an old server's configuration says in FastGate's words.</summary>
/// <param name="Keys">Keys below the section <c>FastGate</c> with their values.</param>
/// <param name="Origins">Where each key came from, for messages about its value.</param>
/// <param name="Ignored">Keys of the file that mean nothing here.</param>
/// <param name="Files">The files that were read, in order of precedence, and those that would be if they appeared.</param>
internal sealed record XiaozhiConfig(
    IReadOnlyDictionary<string, string?> Keys,
    IReadOnlyDictionary<string, string> Origins,
    IReadOnlyList<string> Ignored,
    IReadOnlyList<string> Files);
