using FastGate.Configuration.Options;
using FastGate.Llm.Settings;
using YamlDotNet.RepresentationModel;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>Reads the old server's <c>config.yaml</c>, with <c>data/.config.yaml</c> laid over it, by <see cref="XiaozhiMapping.Table"/>.</summary>
internal sealed class XiaozhiConfigReader
{
    private const string OverrideName = "data/.config.yaml";
    private const string Selected = "{selected}";

    private readonly Dictionary<string, string?> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _origins = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _ignored = [];
    private readonly YamlMappingNode _root;
    private readonly string _path;

    /// <summary>The override file and its nodes, so that a message names the file that a value is in.</summary>
    private readonly string? _overridePath;
    private readonly HashSet<YamlNode> _overrideNodes;

    private XiaozhiConfigReader(string path, YamlMappingNode root, string? overridePath, YamlMappingNode? above)
    {
        (_path, _overridePath) = (path, overridePath);
        _overrideNodes = new(above?.AllNodes ?? [], ReferenceEqualityComparer.Instance);
        _root = above is null ? root : XiaozhiYaml.Merge(root, above);
    }

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
        YamlMappingNode? above = null;
        if (XiaozhiYaml.Read(main, out failure) is not { } root || (overridePath is not null && (above = XiaozhiYaml.Read(overridePath, out failure)) is null))
        {
            return null;
        }

        var reader = new XiaozhiConfigReader(main, root, overridePath, above);
        reader.Map();
        return new XiaozhiConfig(reader._keys, reader._origins, reader._ignored, [main, .. overrides]);
    }

    /// <summary>The node at a path of the file, or null.</summary>
    public YamlNode? Find(string path) => RealPath(path)?.Aggregate((YamlNode?)_root, static (node, name) => (node as YamlMappingNode)?.Child(name));

    public bool IsSet(string key) => _keys.Keys.Any(set => OptionPath.IsAtOrBelow(set, key));

    public void Ignore(string path) => _ignored.Add(path);

    /// <summary>Does nothing for null, and for a key that an earlier row of the table has set.</summary>
    public void Set(string key, string? value, YamlNode node, string path)
    {
        if (value is not null && _keys.TryAdd(key, value))
        {
            _origins[key] = $"{path}, line {node.Start.Line} of {(_overrideNodes.Contains(node) ? _overridePath : _path)}";
        }
    }

    /// <summary>Sets each value of a sub-tree that is not a placeholder, by its own path.</summary>
    public void SetTree(string key, YamlNode node, string path)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach ((string name, YamlNode child) in mapping.Entries())
                {
                    SetTree($"{key}:{name}", child, $"{path}.{name}");
                }

                break;
            case YamlSequenceNode sequence:
                for (int i = 0; i < sequence.Children.Count; i++)
                {
                    SetTree(FormattableString.Invariant($"{key}:{i}"), sequence.Children[i], FormattableString.Invariant($"{path}[{i}]"));
                }

                break;
            default:
                Set(key, XiaozhiYaml.IsPlaceholder(node) ? null : XiaozhiYaml.Text(node), node, path);
                break;
        }

        // Overrides replace those written beside the alias even when they are empty.
        if (node is not YamlSequenceNode && LlmModeEntry.IsOverridesPath(key) && !IsSet(key))
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

    /// <summary>Lists what no row maps: a whole section at once when no row maps anything in it.</summary>
    private void ListIgnored(YamlMappingNode mapping, string prefix, HashSet<string> known)
    {
        foreach ((string name, YamlNode node) in mapping.Entries())
        {
            string path = prefix + name;
            if (known.Contains(path))
            {
                continue;
            }

            if (node is YamlMappingNode section && known.Any(other => other.StartsWith($"{path}.", StringComparison.Ordinal)))
            {
                ListIgnored(section, $"{path}.", known);
            }
            else
            {
                Ignore(path);
            }
        }
    }

    /// <summary>The names of a path, or null for a path of the selected memory when none is selected.</summary>
    private string[]? RealPath(string path)
    {
        string[] names = path.Split('.');
        int selected = Array.IndexOf(names, Selected);
        if (selected < 0)
        {
            return names;
        }

        if (XiaozhiYaml.Text((_root.Child("selected_module") as YamlMappingNode)?.Child("Memory")) is not { } memory)
        {
            return null;
        }

        names[selected] = memory;
        return names;
    }
}
