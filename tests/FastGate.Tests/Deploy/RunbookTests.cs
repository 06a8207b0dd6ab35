using System.Text.RegularExpressions;
using FastGate.Configuration.Loading;

namespace FastGate.Tests.Deploy;

/// <summary>The runbook names only metrics, options and commands that exist, and both languages name the same ones.</summary>
public sealed partial class RunbookTests
{
    private const int LeastChapters = 20;

    [Theory]
    [InlineData("runbook.md")]
    [InlineData("runbook.zh.md")]
    public void Metrics_and_options_exist(string file)
    {
        string text = Read(file);
        Assert.DoesNotContain(Metric().Matches(text).Select(static match => match.Value), static name => !MetricFamilies.Names.Contains(name));
        string[] options = [.. Option().Matches(text).Select(static match => match.Groups[1].Value).Distinct()];
        Assert.True(options.Length > LeastChapters);
        Assert.DoesNotContain(options, static key => !OptionSchema.Keys.ContainsKey(key) && !OptionSchema.IsFreeForm(key));
    }

    /// <summary>command-line.md is generated from the commands: each has a heading.</summary>
    [Theory]
    [InlineData("runbook.md")]
    [InlineData("runbook.zh.md")]
    public void Commands_exist(string file)
    {
        HashSet<string> known = [.. Read("command-line.md").Split('\n').Where(static line => line.StartsWith("##", StringComparison.Ordinal)).Select(static line => line.TrimStart('#', ' '))];
        string[] commands = [.. Command().Matches(Read(file)).Select(static match => match.Value["FastGate ".Length..]).Distinct()];
        Assert.True(commands.Length >= LeastChapters);
        Assert.DoesNotContain(commands, name => !known.Contains(name)
            && (!known.Contains(name.Split(' ')[0]) || known.Any(other => other.StartsWith(name.Split(' ')[0] + " ", StringComparison.Ordinal))));
    }

    [Fact]
    public void Both_languages_have_the_same_chapters_with_the_same_names()
    {
        string[][] english = [.. Chapters(Read("runbook.md")).Select(NamesOf)];
        string[][] chinese = [.. Chapters(Read("runbook.zh.md")).Select(NamesOf)];
        Assert.True(english.Length >= LeastChapters);
        Assert.Equal(english, chinese);
    }

    [Theory]
    [InlineData("runbook.md")]
    [InlineData("runbook.zh.md")]
    public void Each_chapter_says_where_to_look_and_what_to_change(string file) => Assert.All(Chapters(Read(file)), static chapter =>
    {
        string[] rows = [.. chapter.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)];
        Assert.NotEmpty(rows);
        Assert.All(rows, static row => Assert.Equal(5, row.Split('|').Length));
        Assert.All(rows, static row => Assert.NotEmpty(row.Split('|')[3].Trim()));
    });

    [Theory]
    [InlineData("runbook.md")]
    [InlineData("runbook.zh.md")]
    public void Links_lead_to_files_and_chapters(string file)
    {
        string text = Read(file);
        HashSet<string> anchors = [.. Chapters(text).Select(static chapter => "#" + DeployFileTests.Anchor(chapter.Split('\n')[0]))];
        Assert.All(Link().Matches(text).Select(static match => match.Groups[1].Value), link => Assert.True(
            link.StartsWith('#') ? anchors.Contains(link) : File.Exists(Path.Combine(SourceTree.Root, "docs", link)), link));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(SourceTree.Root, "docs", file));

    private static IEnumerable<string> Chapters(string text) => text.Split("\n## ").Skip(1);

    /// <summary>Metrics, options and commands, in order.</summary>
    private static string[] NamesOf(string chapter) =>
        [.. Metric().Matches(chapter).Concat(Option().Matches(chapter)).Concat(Command().Matches(chapter)).Select(static match => match.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\b(fastgate|process|dotnet)_[a-z0-9_]+\b")]
    private static partial Regex Metric();

    [GeneratedRegex("`([A-Z][A-Za-z]+(:[A-Z][A-Za-z]+)+)`")]
    private static partial Regex Option();

    [GeneratedRegex(@"\bFastGate [a-z]+(-[a-z]+)?( [a-z]+)?")]
    private static partial Regex Command();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
