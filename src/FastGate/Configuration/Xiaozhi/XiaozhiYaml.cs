using FastGate.Llm.Settings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>Reads a YAML file into a mapping, and lays one mapping over another.</summary>
internal static class XiaozhiYaml
{
    /// <summary>An alias that contains itself has no end.</summary>
    public const int MaxDepth = 32;

    private const long MaxBytes = 4 * 1024 * 1024;

    /// <summary>Includes what aliases repeat: a few lines can name millions of values.</summary>
    private const int MaxNodes = 100_000;

    /// <summary>Null with the reason (file, line and column) when the file cannot be used. An empty file is an empty mapping.</summary>
    public static YamlMappingNode? Read(string path, out string? failure)
    {
        Scanner? scanner = null;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                failure = $"{path}: larger than 4 MiB";
                return null;
            }

            using var reader = new StreamReader(path);
            scanner = new Scanner(reader);
            var stream = new YamlStream();
            stream.Load(new MergingParser(new Parser(scanner)));
            YamlNode? root = stream.Documents.Count > 0 ? stream.Documents[0].RootNode : null;
            int nodes = 0;
            failure = root switch
            {
                null or YamlMappingNode or YamlScalarNode { Value: null or "" } => FindExcess(root, path, 0, ref nodes),
                _ => $"{path}, line {root.Start.Line}: the file must hold keys with values",
            };
            return failure is null ? root as YamlMappingNode ?? new YamlMappingNode() : null;
        }
        catch (YamlException exception)
        {
            failure = $"{path}, line {exception.Start.Line}, column {exception.Start.Column}: {exception.InnerException?.Message ?? exception.Message}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = $"{path}: {exception.Message}";
        }
        catch (Exception exception)
        {
            // For some broken files the library throws exceptions of other types; a typo in a file must never end the process.
            failure = scanner is null
                ? $"{path}: {exception.Message}"
                : $"{path}, line {scanner.CurrentPosition.Line}, column {scanner.CurrentPosition.Column}: this is not YAML ({exception.Message})";
        }

        return null;
    }

    /// <summary>
    /// Lays one file over another: mappings are merged key by key, anything else replaces what is below. Settings with several spellings are
    /// matched by setting (<see cref="MergeSettings"/>).
    /// </summary>
    public static YamlMappingNode Merge(YamlMappingNode below, YamlMappingNode above) => Merge(below, above, static (name, lower, upper) =>
        name is "LLM" or "llm_by_mode" ? Merge(lower, upper, static (_, lower, upper) => MergeSettings(lower, upper)) : MergeDeep(lower, upper));

    private static YamlMappingNode MergeDeep(YamlMappingNode below, YamlMappingNode above) =>
        Merge(below, above, static (_, lower, upper) => MergeDeep(lower, upper));

    private static YamlMappingNode Merge(
        YamlMappingNode below, YamlMappingNode above, Func<string?, YamlMappingNode, YamlMappingNode, YamlMappingNode> mappings)
    {
        var merged = new YamlMappingNode();
        foreach ((YamlNode key, YamlNode value) in below.Children)
        {
            merged.Children[key] = value;
        }

        foreach ((YamlNode key, YamlNode value) in above.Children)
        {
            merged.Children[key] = value is YamlMappingNode upper && merged.Children.TryGetValue(key, out YamlNode? lower) &&
                lower is YamlMappingNode lowerMapping
                ? mappings((key as YamlScalarNode)?.Value, lowerMapping, upper)
                : value;
        }

        return merged;
    }

    /// <summary>
    /// Lays one provider, or one mode's entry, over another. A setting of the upper one replaces that of the lower one in any spelling; overrides
    /// are laid over each other in the same way.
    /// </summary>
    private static YamlMappingNode MergeSettings(YamlMappingNode below, YamlMappingNode above)
    {
        var merged = new YamlMappingNode();
        HashSet<string> groups = [.. above.Children.Keys.Select(OverrideGroupOf)];
        foreach ((YamlNode key, YamlNode value) in below.Children)
        {
            if (!groups.Contains(OverrideGroupOf(key)))
            {
                merged.Children[key] = value;
            }
        }

        foreach ((YamlNode key, YamlNode value) in above.Children)
        {
            merged.Children[key] = value is YamlMappingNode upper && key is YamlScalarNode { Value: { } name } &&
                LlmModeEntry.IsOverrides(name) && below.Child(name) is YamlMappingNode lower
                ? MergeSettings(lower, upper)
                : value;
        }

        return merged;
    }

    private static string OverrideGroupOf(YamlNode key) => key is YamlScalarNode { Value: { } name } ? LlmSetting.OverrideGroup(name) : key.ToString();

    /// <summary>The value of a key, or null; the library's own indexer throws for an absent one.</summary>
    public static YamlNode? Child(this YamlMappingNode mapping, string name) =>
        mapping.Children.TryGetValue(new YamlScalarNode(name), out YamlNode? value) ? value : null;

    public static IEnumerable<(string Name, YamlNode Value)> Entries(this YamlMappingNode mapping) =>
        from child in mapping.Children where child.Key is YamlScalarNode { Value.Length: > 0 } select (((YamlScalarNode)child.Key).Value!, child.Value);

    /// <summary>Whether a text is still a template's "你的...", which counts as not set.</summary>
    public static bool IsPlaceholder(YamlNode node) => Text(node)?.Contains('你') == true;

    /// <summary>Null for an absent key, an empty value and YAML's words for null.</summary>
    public static string? Text(YamlNode? node) => node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "~" or "null" or "Null" or "NULL" } => null,
        YamlScalarNode { Value: { Length: > 0 } value } => value,
        _ => null,
    };

    private static string? FindExcess(YamlNode? node, string path, int depth, ref int nodes)
    {
        if (depth > MaxDepth || ++nodes > MaxNodes)
        {
            return $"{path}, line {node!.Start.Line}: {(depth > MaxDepth ? $"nested deeper than {MaxDepth} levels" : $"more than {MaxNodes} values")}";
        }

        IEnumerable<YamlNode> children = node switch
        {
            YamlMappingNode mapping => mapping.Children.Values,
            YamlSequenceNode sequence => sequence.Children,
            _ => [],
        };
        foreach (YamlNode child in children)
        {
            if (FindExcess(child, path, depth + 1, ref nodes) is string failure)
            {
                return failure;
            }
        }

        return null;
    }
}
