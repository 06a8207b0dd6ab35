using FastGate.Fuzz.Targets;

namespace FastGate.Fuzz;

/// <summary>The targets by name. Each has a folder of inputs with its name in <c>corpus</c>.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, FuzzTarget> All { get; } = new SortedDictionary<string, FuzzTarget>(StringComparer.Ordinal)
    {
        ["audio"] = AudioTarget.Run,
        ["first-bytes"] = FirstBytesTarget.Run,
        ["frames"] = FramesTarget.Run,
        ["handshake"] = HandshakeTarget.Run,
        ["hello"] = HelloTarget.Run,
        ["inflate"] = InflateTarget.Run,
        ["json"] = JsonTarget.Run,
        ["proxy"] = ProxyTarget.Run,
        ["replies"] = RepliesTarget.Run,
        ["state"] = StateTarget.Run,
        ["token"] = TokenTarget.Run,
        ["yaml"] = YamlTarget.Run,
    };

    /// <summary>The kept inputs of a target, beside the program.</summary>
    public static IEnumerable<string> CorpusOf(string target) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "corpus", target)).Order(StringComparer.Ordinal);
}
