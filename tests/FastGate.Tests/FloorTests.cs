using System.Text.RegularExpressions;

namespace FastGate.Tests;

/// <summary>
/// Keeps docs/architecture.md true: its table of floors against what the sources name, its file names against the tree. Reads
/// sources, not assemblies, so that a constant or a nameof counts like any other use.
/// </summary>
public sealed partial class FloorTests
{
    private const int MaxLines = 400;
    private static readonly string s_root = FindRoot();
    private static readonly string s_architecture = File.ReadAllText(Path.Combine(s_root, "docs", "architecture.md"));
    private static readonly IReadOnlyList<Row> s_table = ReadTable();

    /// <summary>Room and type, from the file names: one type a file.</summary>
    private static readonly HashSet<(string, string)> s_types = [.. s_table.SelectMany(static row =>
        FilesOf(row.Room).Select(file => (row.Room, Path.GetFileNameWithoutExtension(file))))];

    public static TheoryData<string> Rooms => [.. s_table.Select(static row => row.Room)];

    [Fact]
    public void Every_folder_of_the_server_is_in_the_table()
    {
        string[] folders = [.. Directory.GetDirectories(Path.Combine(s_root, "src", "FastGate"))
            .Where(static folder => Sources(folder).Any())
            .Select(static folder => Path.GetFileName(folder))
            .Where(static name => name is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal)];
        string[] listed = [.. s_table.Select(static row => row.Room).Where(static room => room is not ("Program" or "Protocol")).Order(StringComparer.Ordinal)];
        Assert.Equal(folders, listed);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_names_only_what_its_floor_may(string room)
    {
        HashSet<string> allowed = Allowed(s_table.Single(row => row.Room == room));
        List<string> trespasses = [];
        foreach (string file in FilesOf(room))
        {
            foreach (string named in NamedRooms(File.ReadAllText(file), room))
            {
                string top = named.Split('.')[0];
                if (top != room && !allowed.Contains(top) && !allowed.Contains(named))
                {
                    trespasses.Add($"{Path.GetRelativePath(s_root, file)} names {named}");
                }
            }
        }

        Assert.Empty(trespasses);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_namespace_is_its_folder(string room)
    {
        string expected = room == "Protocol" ? "FastGate.Protocol" : $"FastGate.{room}";
        foreach (string file in FilesOf(room).Where(static file => Path.GetFileName(file) is not ("Program.cs" or "AssemblyInfo.cs")))
        {
            Match match = Namespace().Match(File.ReadAllText(file));
            Assert.True(match.Success && (match.Groups[1].Value + ".").StartsWith(expected + ".", StringComparison.Ordinal), file);
        }
    }

    [Fact]
    public void No_project_imports_a_room_everywhere()
    {
        foreach (string project in Directory.EnumerateFiles(Path.Combine(s_root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("<Using Include=\"FastGate", File.ReadAllText(project), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Sources(Path.Combine(s_root, "src")), static file => File.ReadAllText(file).Contains("global using", StringComparison.Ordinal));
    }

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        string[] tooLong = [.. ((string[])["src", "tests", "perf"])
            .Select(static folder => Path.Combine(s_root, folder))
            .Where(Directory.Exists)
            .SelectMany(Sources)
            .Where(static file => File.ReadLines(file).Count() > MaxLines)
            .Select(static file => Path.GetRelativePath(s_root, file))];
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Every_file_the_architecture_names_exists()
    {
        HashSet<string> names = [.. Sources(s_root).Select(static file => Path.GetFileName(file))];
        string[] missing = [.. SourceName().Matches(s_architecture).Select(static match => match.Value).Distinct().Where(name => !names.Contains(name))];
        Assert.Empty(missing);
    }

    private static IEnumerable<string> FilesOf(string room) => room switch
    {
        "Program" => Directory.EnumerateFiles(Path.Combine(s_root, "src", "FastGate"), "*.cs"),
        "Protocol" => Sources(Path.Combine(s_root, "src", "FastGate.Protocol")),
        _ => Sources(Path.Combine(s_root, "src", "FastGate", room)),
    };

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(static file => !BuildOutput().IsMatch(file));

    /// <summary>
    /// Rooms named by a using, by a name from the root, or by a name relative to the project's namespace ("Options.DeviceOptions",
    /// told from other things called Options by the type's file being there).
    /// </summary>
    private static HashSet<string> NamedRooms(string source, string room)
    {
        string code = CommentOrString().Replace(source, " ");
        HashSet<string> named = [];
        foreach (Match match in FromRoot().Matches(code))
        {
            named.Add(match.Groups[1].Value);
        }

        foreach (Match match in Relative().Matches(code))
        {
            string other = match.Groups[1].Value;
            if (other != room && s_types.Contains((other, match.Groups[2].Value)))
            {
                named.Add(other);
            }
        }

        return named;
    }

    private static HashSet<string> Allowed(Row row)
    {
        HashSet<string> allowed = [];
        foreach (string entry in row.MayName)
        {
            IEnumerable<Row> matching = entry switch
            {
                "everything" => s_table,
                "everything below" => s_table.Where(other => other.Floor < row.Floor),
                _ when entry.StartsWith("floor ", StringComparison.Ordinal) =>
                    s_table.Where(other => other.Floor == int.Parse(entry["floor ".Length..], System.Globalization.CultureInfo.InvariantCulture)),
                _ => [],
            };
            allowed.UnionWith(matching.Select(static other => other.Room));
            if (entry.Split('.')[0] is var top && s_table.Any(other => other.Room == top))
            {
                // Never upwards, whatever the table says.
                Assert.True(s_table.First(other => other.Room == top).Floor <= row.Floor, $"{row.Room} may not name {entry}");
                allowed.Add(entry);
            }
        }

        return allowed;
    }

    private static List<Row> ReadTable()
    {
        List<Row> rows = [];
        foreach (Match match in TableRow().Matches(s_architecture))
        {
            int floor = int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            string[] mayName = match.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries);
            rows.AddRange(match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries).Select(room => new Row(floor, room, mayName)));
        }

        Assert.NotEmpty(rows);
        return rows;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FastGate.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("No FastGate.sln above the test output.");
    }

    private sealed record Row(int Floor, string Room, IReadOnlyList<string> MayName);

    [GeneratedRegex(@"^\| (\d) \| ([A-Za-z, ]+) \| ([A-Za-z0-9., ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^namespace ([A-Za-z.]+)[;\s]", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"(?<![\w.])(?:global::)?FastGate\.((?:Protocol\.)?\w+)")]
    private static partial Regex FromRoot();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w+)\.([A-Z]\w+)")]
    private static partial Regex Relative();

    // Raw strings before ordinary ones, which would end at their first quote.
    [GeneratedRegex("//[^\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\b[A-Z]\w+(?:\.\w+)?\.cs\b")]
    private static partial Regex SourceName();

    [GeneratedRegex(@"[\\/](?:bin|obj|node_modules)[\\/]")]
    private static partial Regex BuildOutput();
}
