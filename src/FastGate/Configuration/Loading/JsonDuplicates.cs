using System.Text;
using System.Text.Json;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Yaml;

namespace FastGate.Configuration.Loading;

/// <summary>Resolves duplicate keys of a JSON file: sections are read together, of other values the last is used.</summary>
internal static class JsonDuplicates
{
    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Throws <see cref="FormatException"/> for a file that is not UTF-8 and <see cref="JsonException"/> for one that is not JSON.</summary>
    public static byte[] Resolve(string file, byte[] content, out IReadOnlyList<ConfigurationNote> notes)
    {
        if (TextFile.Check(file, content) is string failure)
        {
            throw new FormatException(failure);
        }

        ReadOnlyMemory<byte> json = content.AsMemory(content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
        using var document = JsonDocument.Parse(json, s_options);
        notes = [.. Find(file, json.Span)];
        if (notes.Count == 0)
        {
            return json.ToArray();
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(writer, [document.RootElement]);
        }

        return stream.ToArray();
    }

    private static List<ConfigurationNote> Find(string file, ReadOnlySpan<byte> json)
    {
        List<ConfigurationNote> notes = [];
        Dictionary<string, int> lines = new(StringComparer.OrdinalIgnoreCase);
        Stack<(string Path, int Items)> parents = [];
        string path = "";
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                parents.Pop();
            }
            else if (reader.TokenType == JsonTokenType.PropertyName)
            {
                path = $"{parents.Peek().Path}:{reader.GetString()}";
                int line = json[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
                if (!lines.TryAdd(path, line))
                {
                    notes.Add(new ConfigurationNote(file, lines[path], $"{path[1..]} is set here and again in line {line}; sections are read together, of other values the last is used"));
                }
            }
            else
            {
                if (parents.TryPop(out (string Path, int Items) parent))
                {
                    // An item of an array has no name; its number keeps the objects of one array apart.
                    path = parent.Items >= 0 ? FormattableString.Invariant($"{parent.Path}:{parent.Items}") : path;
                    parents.Push(parent with { Items = parent.Items >= 0 ? parent.Items + 1 : parent.Items });
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    parents.Push((path, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
                }
            }
        }

        return notes;
    }

    /// <summary>Writes the values of one key; all but the last only matter where they are sections.</summary>
    private static void Write(Utf8JsonWriter writer, IReadOnlyList<JsonElement> values)
    {
        if (values[^1].ValueKind != JsonValueKind.Object)
        {
            values[^1].WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (IGrouping<string, JsonProperty> key in values.Where(static value => value.ValueKind == JsonValueKind.Object)
            .SelectMany(static value => value.EnumerateObject())
            .GroupBy(static property => property.Name, StringComparer.OrdinalIgnoreCase))
        {
            writer.WritePropertyName(key.Key);
            Write(writer, [.. key.Select(static property => property.Value)]);
        }

        writer.WriteEndObject();
    }
}
