using System.Text.RegularExpressions;
using FastGate.Configuration.Validation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace FastGate.Configuration.Yaml;

/// <summary>
/// Builds the values of one file from its events. Unlike the library's document model it keeps the last of duplicate keys, as PyYAML does, and
/// stops at its limits while it reads.
/// </summary>
internal sealed partial class YamlComposer(string file, IParser parser, List<ConfigurationNote> notes)
{
    public const int MaxDepth = 32;

    /// <summary>Includes what aliases repeat: a few lines can name millions of values.</summary>
    public const int MaxNodes = 100_000;

    private const string StandardTags = "tag:yaml.org,2002:";

    private readonly Dictionary<AnchorName, YamlNode?> _anchors = [];
    private int _nodes;

    /// <summary>Throws <see cref="YamlException"/> with the place. An empty file is an empty mapping.</summary>
    public YamlMapping Compose()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return YamlMapping.Empty(file);
        }

        parser.Consume<DocumentStart>();
        YamlNode root = Read(0);
        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out _))
        {
            throw Failure(parser.Current!.Start, "a second document begins here; put all keys into one");
        }

        return root switch
        {
            YamlMapping mapping => mapping,
            YamlScalar { Text: "" } => YamlMapping.Empty(file),
            _ => throw new YamlException(new Mark(0, root.Line, 1), new Mark(0, root.Line, 1), "the file must hold keys with values"),
        };
    }

    private YamlNode Read(int depth)
    {
        ParsingEvent current = parser.Current ?? throw new YamlException("the file ends too early");
        Count(1, current.Start);
        if (depth > MaxDepth)
        {
            throw Failure(current.Start, $"nested deeper than {MaxDepth} levels");
        }

        if (current is AnchorAlias)
        {
            return Repeat(parser.Consume<AnchorAlias>());
        }

        AnchorName anchor = current is NodeEvent { Anchor: var name } ? name : AnchorName.Empty;
        if (!anchor.IsEmpty)
        {
            // Null until the value is complete: an alias that contains itself has no end.
            _anchors[anchor] = null;
        }

        YamlNode node = current switch
        {
            Scalar => ReadScalar(parser.Consume<Scalar>()),
            SequenceStart => ReadSequence(parser.Consume<SequenceStart>(), depth),
            MappingStart => ReadMapping(parser.Consume<MappingStart>(), depth),
            _ => throw Failure(current.Start, "a value is missing here"),
        };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private YamlNode Repeat(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out YamlNode? node))
        {
            throw Failure(alias.Start, $"*{alias.Value} repeats an anchor &{alias.Value} that is not above it");
        }

        if (node is null)
        {
            throw Failure(alias.Start, $"*{alias.Value} repeats a value that contains it");
        }

        Count(node.Size, alias.Start);
        return node with { Line = alias.Start.Line };
    }

    private YamlScalar ReadScalar(Scalar scalar)
    {
        bool isPlain = scalar.Style == ScalarStyle.Plain;
        if (!scalar.Tag.IsEmpty)
        {
            string tag = NoteTag(scalar.Tag, scalar.Start);
            isPlain = tag.StartsWith(StandardTags, StringComparison.Ordinal) ? tag != StandardTags + "str" : isPlain && tag != "!";
        }

        return new YamlScalar(file, scalar.Start.Line, scalar.IsKey ? scalar.Value : Fill(scalar.Value, scalar.Start.Line), isPlain);
    }

    private YamlSequence ReadSequence(SequenceStart start, int depth)
    {
        NoteTag(start.Tag, start.Start);
        List<YamlNode> items = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(depth + 1));
        }

        return new YamlSequence(file, start.Start.Line, 1 + items.Sum(static item => item.Size), items);
    }

    private YamlMapping ReadMapping(MappingStart start, int depth)
    {
        NoteTag(start.Tag, start.Start);
        OrderedDictionary<string, YamlNode> entries = [];
        List<YamlMapping> merged = [];
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Mark place = parser.Current!.Start;
            YamlNode key = Read(depth + 1);
            YamlNode value = Read(depth + 1) with { Line = place.Line };
            if (key is YamlScalar { Text: "<<", IsPlain: true })
            {
                merged.InsertRange(0, MergedBy(value, place));
            }
            else if (key is not YamlScalar { Text: var name })
            {
                notes.Add(new ConfigurationNote(file, place.Line, "a key that is no text is ignored"));
            }
            else
            {
                if (entries.Remove(name, out YamlNode? first))
                {
                    notes.Add(new ConfigurationNote(file, first.Line, $"{name} is set here and again in line {place.Line}; the last one is used"));
                }

                entries.Add(name, value);
            }
        }

        foreach ((string name, YamlNode value) in merged.SelectMany(static mapping => mapping.Entries))
        {
            entries.TryAdd(name, value);
        }

        return new YamlMapping(file, start.Start.Line, 1 + entries.Sum(static entry => entry.Value.Size), entries);
    }

    /// <summary>What <c>&lt;&lt;</c> adds, the first with precedence; keys of the mapping itself come before all of them.</summary>
    private static IEnumerable<YamlMapping> MergedBy(YamlNode value, Mark place) => value switch
    {
        YamlMapping mapping => [mapping],
        YamlSequence sequence when sequence.Items.All(static item => item is YamlMapping) => sequence.Items.Cast<YamlMapping>(),
        _ => throw Failure(place, "<< takes a mapping or a list of mappings, as in <<: *name"),
    };

    /// <summary>Replaces <c>${NAME}</c> and <c>${NAME:-default}</c> by variables of the environment. One that is not set stays as it is.</summary>
    private string Fill(string text, long line) => !text.Contains("${", StringComparison.Ordinal) ? text : Variable().Replace(text, match =>
    {
        string name = match.Groups[1].Value;
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
        {
            return value;
        }

        if (match.Groups[2].Success)
        {
            return match.Groups[2].Value;
        }

        notes.Add(new ConfigurationNote(file, line, $"the environment variable {name} is not set"));
        return match.Value;
    });

    /// <summary>Only YAML's own types have a meaning; objects of a programming language are never made.</summary>
    private string NoteTag(TagName tag, Mark place)
    {
        if (tag.IsEmpty)
        {
            return "";
        }

        if (tag.IsNonSpecific || (tag.Value.StartsWith(StandardTags, StringComparison.Ordinal) && !tag.Value.Contains('/')))
        {
            return tag.Value;
        }

        notes.Add(new ConfigurationNote(file, place.Line, $"the tag {tag.Value} has no meaning here and is ignored"));
        return tag.Value.StartsWith(StandardTags, StringComparison.Ordinal) ? "" : tag.Value;
    }

    private void Count(int nodes, Mark place)
    {
        if ((_nodes += nodes) > MaxNodes)
        {
            throw Failure(place, $"more than {MaxNodes} values");
        }
    }

    private static YamlException Failure(Mark place, string text) => new(place, place, text);

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}")]
    private static partial Regex Variable();
}
