using System.Globalization;
using System.Text.RegularExpressions;

namespace FastGate.Tests;

/// <summary>
/// Compares docs/architecture.md with the sources: which room may name which, and that every file it mentions exists. Reads sources
/// instead of assemblies, so that a constant or a nameof counts as a use.
/// </summary>
public sealed partial class FloorTests
{
    private static readonly string s_architecture = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "architecture.md"));
    private static readonly IReadOnlyList<Row> s_table = ReadTable();
    private static readonly IReadOnlyList<SourceFile> s_sources = [.. SourceTree.Files("src").Select(static file => new SourceFile(file))];
    private static readonly HashSet<string> s_namespaces = [.. s_sources.Select(static source => source.Namespace)];

    /// <summary>The last part of a namespace and a type in it, for names that are relative to the project's namespace.</summary>
    private static readonly ILookup<(string, string), string> s_types =
        s_sources.ToLookup(static source => (source.Namespace[(source.Namespace.LastIndexOf('.') + 1)..], source.Type), static source => source.Namespace);

    public static TheoryData<string> Rooms => [.. s_table.Select(static row => row.Room)];

    [Fact]
    public void Every_namespace_is_covered_by_the_table() => Assert.All(s_namespaces, static name => Assert.NotNull(RowOf(name)));

    [Fact]
    public void Every_room_of_the_table_has_sources() =>
        Assert.All(s_table, static row => Assert.Contains(s_namespaces, name => IsWithin(Room(name), row.Room)));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_names_only_what_its_row_allows(string room)
    {
        Row row = s_table.Single(row => row.Room == room);
        List<string> violations = [];
        foreach (SourceFile source in s_sources.Where(source => RowOf(source.Namespace) == row))
        {
            violations.AddRange(NamedNamespaces(source)
                .Where(named => RowOf(named) is { } other && other != row && !row.Allows(Room(named), other))
                .Select(named => $"{source.Path} names {named}"));
        }

        Assert.Empty(violations);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_row_allows_nothing_above_it(string room)
    {
        Row row = s_table.Single(row => row.Room == room);
        Assert.Empty(s_table.Where(other => other.Floor > row.Floor && row.Allows(other.Room, other)).Select(static other => other.Room));
    }

    [Fact]
    public void Namespaces_form_no_circle()
    {
        var graph = s_namespaces.ToDictionary(static name => name, static _ => new HashSet<string>());
        foreach (SourceFile source in s_sources)
        {
            graph[source.Namespace].UnionWith(NamedNamespaces(source).Where(named => named != source.Namespace && s_namespaces.Contains(named)));
        }

        // Remove what names nothing that is left; what remains lies on a circle or leads to one.
        while (graph.FirstOrDefault(static pair => pair.Value.Count == 0) is { Key: not null } leaf)
        {
            graph.Remove(leaf.Key);
            foreach (HashSet<string> named in graph.Values)
            {
                named.Remove(leaf.Key);
            }
        }

        Assert.Empty(graph.Select(static pair => $"{pair.Key} -> {string.Join(", ", pair.Value)}"));
    }

    [Fact]
    public void No_project_imports_a_room_everywhere()
    {
        foreach (string project in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("<Using Include=\"FastGate", File.ReadAllText(project), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(s_sources, static source => source.Text.Contains("global using", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("architecture.md")]
    [InlineData("rooms.md")]
    [InlineData("tour.md")]
    public void Every_file_that_a_page_about_the_code_names_exists(string page)
    {
        HashSet<string> names = [.. SourceTree.Files(".").Select(static file => Path.GetFileName(file))];
        Assert.All(SourceName().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", page))), match => Assert.Contains(match.Value, names));
    }

    /// <summary>"FastGate.Llm.Calls" is "Llm.Calls"; the program itself is "Program".</summary>
    private static string Room(string name) => name == "FastGate" ? "Program" : name["FastGate.".Length..];

    private static bool IsWithin(string room, string outer) => (room + ".").StartsWith(outer + ".", StringComparison.Ordinal);

    /// <summary>The most specific row: a folder without a row of its own follows its parent's.</summary>
    private static Row? RowOf(string name) => s_table.Where(row => IsWithin(Room(name), row.Room)).MaxBy(static row => row.Room.Length);

    private static HashSet<string> NamedNamespaces(SourceFile source)
    {
        string code = CommentOrString().Replace(source.Text, " ");
        HashSet<string> named = [];
        foreach (Match match in FromRoot().Matches(code))
        {
            // A qualified type name ends in the type: the longest part that is a namespace counts.
            string name = match.Value;
            while (name.Length > 0 && !s_namespaces.Contains(name))
            {
                name = name.Contains('.', StringComparison.Ordinal) ? name[..name.LastIndexOf('.')] : "";
            }

            named.Add(name);
        }

        foreach (Match match in Relative().Matches(code))
        {
            named.UnionWith(s_types[(match.Groups[1].Value, match.Groups[2].Value)]);
        }

        named.Remove("");
        named.Remove("FastGate");
        named.Remove(source.Namespace);
        return named;
    }

    private static List<Row> ReadTable()
    {
        List<Row> rows = [];
        foreach (Match match in TableRow().Matches(s_architecture))
        {
            int floor = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            string[] mayName = match.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries);
            rows.AddRange(match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries).Select(room => new Row(floor, room, mayName)));
        }

        Assert.NotEmpty(rows);
        return rows;
    }

    private sealed record Row(int Floor, string Room, IReadOnlyList<string> MayName)
    {
        public bool Allows(string room, Row other) => MayName.Any(entry => entry switch
        {
            "everything" => true,
            "everything below" => other.Floor < Floor,
            _ => IsWithin(room, entry),
        });
    }

    private sealed record SourceFile(string Path)
    {
        public string Text { get; } = File.ReadAllText(Path);

        public string Type { get; } = System.IO.Path.GetFileNameWithoutExtension(Path).Split('.')[0];

        public string Namespace => SourceTree.DeclaredNamespace(Text) ?? "FastGate";
    }

    [GeneratedRegex(@"^\| (\d) \| ([A-Za-z., ]+) \| ([A-Za-z0-9., ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"(?<![\w.])FastGate(?:\.\w+)+")]
    private static partial Regex FromRoot();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w+)\.([A-Z]\w+)")]
    private static partial Regex Relative();

    // Raw strings before ordinary ones, which would end at their first quote.
    [GeneratedRegex("//[^\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\b[A-Z]\w+(?:\.\w+)?\.cs\b")]
    private static partial Regex SourceName();
}
