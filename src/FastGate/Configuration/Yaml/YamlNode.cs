namespace FastGate.Configuration.Yaml;

/// <summary>A value of a YAML file with its place. Immutable.</summary>
/// <param name="File">The file that the value is in.</param>
/// <param name="Line">The line of its key, or of the value itself in a list; counted from one.</param>
/// <param name="Size">How many values it contains, itself included, with those that aliases repeat.</param>
internal abstract record YamlNode(string File, long Line, int Size)
{
    /// <summary>The value at a path of mappings, or null.</summary>
    public YamlNode? Find(IEnumerable<string> path) => path.Aggregate((YamlNode?)this, static (node, name) => (node as YamlMapping)?.Child(name));
}

/// <summary>A text; <paramref name="IsPlain"/> tells one without quotes, which YAML may read as a number, a boolean or null.</summary>
internal sealed record YamlScalar(string File, long Line, string Text, bool IsPlain) : YamlNode(File, Line, 1);

internal sealed record YamlSequence(string File, long Line, int Size, IReadOnlyList<YamlNode> Items) : YamlNode(File, Line, Size);

/// <summary>Keys with values, in the order of the file.</summary>
internal sealed record YamlMapping(string File, long Line, int Size, OrderedDictionary<string, YamlNode> Entries) : YamlNode(File, Line, Size)
{
    public static YamlMapping Empty(string file) => new(file, 1, 1, []);

    /// <summary>The value of a key, or null.</summary>
    public YamlNode? Child(string name) => Entries.GetValueOrDefault(name);
}
