namespace FastGate.Llm.Settings;

/// <summary>
/// Warnings about the section <c>FastGate:Llm</c>. Those about a key that comes from the old server's file are apart, because the warnings of a file
/// are logged in one line with the places in it.
/// </summary>
/// <param name="originOf">The place of a key in the old server's file; null for a key that does not come from there.</param>
internal sealed class LlmWarnings(Func<string, string?> originOf)
{
    private readonly List<string> _own = [];
    private readonly List<(string Key, string Text)> _ofFile = [];

    public IReadOnlyList<string> Own => _own;

    public IReadOnlyList<(string Key, string Text)> OfFile => _ofFile;

    public void Add(string key, string text)
    {
        if (originOf(key) is null)
        {
            _own.Add($"{key}: {text}");
        }
        else
        {
            _ofFile.Add((key, text));
        }
    }

    /// <summary>Adds a warning that is worth its words only for a key of the old server's file.</summary>
    public void AddOfFile(string key, string text)
    {
        if (originOf(key) is not null)
        {
            _ofFile.Add((key, text));
        }
    }

    /// <summary>Adds a warning that has a log line of its own wherever the key comes from.</summary>
    public void AddOwn(string key, string text) => _own.Add(originOf(key) is string origin ? $"{key}: {text} [from {origin}]" : $"{key}: {text}");
}
