using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Yaml;
using FastGate.Llm.Settings;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>Reads the old server's <c>config.yaml</c>, with <c>data/.config.yaml</c> laid over it, by <see cref="XiaozhiMapping.Table"/>.</summary>
internal sealed class XiaozhiConfigReader
{
    private const string OverrideName = "data/.config.yaml";
    private const string Selected = "{selected}";

    private readonly Dictionary<string, string?> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, XiaozhiOrigin> _origins = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<XiaozhiIgnored> _ignored = [];
    private readonly List<ConfigurationNote> _notes;
    private readonly YamlMapping _root;

    private XiaozhiConfigReader(YamlMapping root, List<ConfigurationNote> notes) => (_root, _notes) = (root, notes);

    /// <summary>Null with the reason when a file is missing or broken. Relative paths are relative to <paramref name="workingDirectory"/>.</summary>
    public static XiaozhiConfig? Read(string path, string workingDirectory, out string? failure)
    {
        string main = Path.GetFullPath(path, workingDirectory);

        // The old server looked for the override file in its working directory; one beside the main file comes first.
        string[] overrides =
        [
            .. new[] { Path.GetFullPath(OverrideName, Path.GetDirectoryName(main)!), Path.GetFullPath(OverrideName, workingDirectory) }
                .Where(candidate => candidate != main).Distinct(),
        ];
        string? overridePath = overrides.FirstOrDefault(File.Exists);
        List<ConfigurationNote> notes = [];
        YamlMapping? above = null;
        if (YamlFile.Read(main, notes, out failure) is not { } root ||
            (overridePath is not null && (above = YamlFile.Read(overridePath, notes, out failure)) is null))
        {
            return null;
        }

        var reader = new XiaozhiConfigReader(above is null ? root : XiaozhiMerge.Merge(root, above), notes);
        reader.Map();
        return new XiaozhiConfig(reader._keys, reader._origins, reader._ignored, [.. notes.Distinct()], [main, .. overrides]);
    }

    /// <summary>The node at a path of the file, or null.</summary>
    public YamlNode? Find(string path) => RealPath(path) is { } names ? _root.Find(names) : null;

    public bool IsSet(string key) => _keys.Keys.Any(set => OptionPath.IsAtOrBelow(set, key));

    public void Note(YamlNode node, string text) => _notes.Add(new ConfigurationNote(node.File, node.Line, text));

    /// <summary>The text of a value; null for one that is not set. A list or a section where a value belongs is ignored with a note.</summary>
    public string? Text(YamlNode node, string path)
    {
        if (node is not YamlScalar)
        {
            Note(node, $"{path} holds {(node is YamlSequence ? "a list" : "keys")} where one value belongs; it is ignored");
        }

        return YamlValues.Text(node);
    }

    /// <summary>As <see cref="Text"/>; a placeholder counts as not set, with a note.</summary>
    public string? Setting(YamlNode node, string path)
    {
        string? text = Text(node, path);
        if (!PlaceholderText.Is(text))
        {
            return text;
        }

        Note(node, $"{path}: a placeholder, which counts as not set");
        return null;
    }

    /// <summary>Does nothing for null, and for a key that an earlier row of the table has set.</summary>
    public void Set(string key, string? value, YamlNode node, string path)
    {
        if (value is not null && _keys.TryAdd(key, value))
        {
            _origins[key] = new XiaozhiOrigin(path, node.File, node.Line);
        }
    }

    /// <summary>Sets each value of a sub-tree of LLM settings by its own path; <see cref="LlmConfiguration"/> finds the placeholders.</summary>
    public void SetTree(string key, YamlNode node, string path)
    {
        switch (node)
        {
            case YamlMapping mapping:
                foreach ((string name, YamlNode child) in mapping.Entries.Where(static entry => entry.Key.Length > 0))
                {
                    SetTree($"{key}:{name}", child, $"{path}.{name}");
                }

                break;
            case YamlSequence sequence:
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    SetTree(FormattableString.Invariant($"{key}:{i}"), sequence.Items[i], FormattableString.Invariant($"{path}[{i}]"));
                }

                break;
            default:
                string? text = YamlValues.Text(node);
                Set(key, text is not null && LlmSetting.IsNumber(key) ? YamlValues.Number(text) : text, node, path);
                break;
        }

        // Overrides replace those written beside the alias even when they are empty.
        if (node is not YamlSequence && LlmModeEntry.IsOverridesPath(key) && !IsSet(key))
        {
            Set(key, "", node, path);
        }
    }

    private void Map()
    {
        foreach (XiaozhiMapping row in XiaozhiMapping.Table)
        {
            if (Find(row.Path) is { } node)
            {
                row.Convert(this, node, row with { Path = string.Join('.', RealPath(row.Path)!) });
            }
        }

        HashSet<string> known = [.. XiaozhiMapping.Table.Select(row => RealPath(row.Path)).OfType<string[]>().Select(static path => string.Join('.', path))];
        ListIgnored(_root, "", known);
    }

    /// <summary>Of a section of which the selected entry is mapped as a whole the others are not lost; nor is the key that selects.</summary>
    private static bool IsChoice(string path, YamlNode node) => XiaozhiMapping.Table.Any(
        row => (node is YamlMapping && row.Path == $"{path}.{Selected}") || path == $"selected_module.{row.Path.Split($".{Selected}")[0]}");

    /// <summary>Lists what no row maps: a whole section at once when no row maps anything in it.</summary>
    private void ListIgnored(YamlMapping mapping, string prefix, HashSet<string> known)
    {
        foreach ((string name, YamlNode node) in mapping.Entries)
        {
            string path = prefix + name;
            if (known.Contains(path) || IsChoice(path, node))
            {
                continue;
            }

            bool isSection = known.Any(other => other.StartsWith($"{path}.", StringComparison.Ordinal));
            if (node is YamlMapping section && isSection)
            {
                ListIgnored(section, $"{path}.", known);
            }
            else if (isSection && (node is YamlSequence || YamlValues.Text(node) is not null))
            {
                Note(node, $"{path} holds no keys and is ignored");
            }
            else if (!isSection)
            {
                _ignored.Add(new XiaozhiIgnored(path, node.File, node.Line));
            }
        }
    }

    /// <summary>The names of a path, or null for a path of a selected module when none is selected.</summary>
    private string[]? RealPath(string path)
    {
        string[] names = path.Split('.');
        int selected = Array.IndexOf(names, Selected);
        if (selected < 0)
        {
            return names;
        }

        if (YamlValues.Text(_root.Find(["selected_module", names[0]])) is not { } name)
        {
            return null;
        }

        names[selected] = name;
        return names;
    }
}
