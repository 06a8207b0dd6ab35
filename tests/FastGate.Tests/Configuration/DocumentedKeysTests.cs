using System.Text.RegularExpressions;
using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>docs/options.md has every key; the tables of both READMEs have the important ones, with the same defaults.</summary>
public sealed partial class DocumentedKeysTests
{
    private static readonly string[] s_freeForm = ["Llm:Providers:{alias}", "Llm:ByMode:{purpose}", "Speech:Asr:Providers:{alias}", "Speech:Tts:Providers:{alias}", "Mcp:Servers:{name}"];

    [Fact]
    public void Each_key_is_in_the_page_of_options_once()
    {
        string[] documented = [.. File.ReadLines(Path.Combine(SourceTree.Root, "docs/options.md")).Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static row => KeysOf(row.Split('|')[1]).First())];

        Assert.All(OptionSchema.Keys.Keys, key => Assert.Single(documented, key));
    }

    [Theory]
    [InlineData("README.md", "| key under `FastGate` |")]
    [InlineData("README.zh-CN.md", "| `FastGate` 下的键 |")]
    public void A_table_has_known_keys_once(string file, string head)
    {
        string[] documented = [.. Rows(file, head).SelectMany(static row => KeysOf(row.Split('|')[1]))];

        Assert.NotEmpty(documented);
        Assert.Equal(documented.Distinct(StringComparer.Ordinal), documented);
        Assert.Empty(documented.Except(OptionSchema.Keys.Keys).Except(s_freeForm));
    }

    /// <summary>A default that is written as a value of one key; others are written for people, such as "30 days".</summary>
    [Theory]
    [InlineData("README.md", "| key under `FastGate` |")]
    [InlineData("README.zh-CN.md", "| `FastGate` 下的键 |")]
    public void A_written_default_is_the_default(string file, string head)
    {
        (string Key, string Written)[] written =
        [
            .. Rows(file, head).Select(static row => row.Split('|')).Where(static cells => KeysOf(cells[1]).Count() == 1 && WrittenValue().IsMatch(cells[2]))
                .Select(static cells => (KeysOf(cells[1]).Single(), cells[2].Trim())).Where(static cell => OptionSchema.Keys.ContainsKey(cell.Item1)),
        ];

        Assert.NotEmpty(written);
        Assert.All(written, static row => Assert.Equal(OptionDocument.DefaultOf(OptionSchema.Keys[row.Key]), row.Written, ignoreCase: true));
    }

    [Fact]
    public void Both_tables_have_the_same_keys_in_the_same_order()
    {
        IEnumerable<string> english = Rows("README.md", "| key under `FastGate` |").Select(Shape);
        IEnumerable<string> chinese = Rows("README.zh-CN.md", "| `FastGate` 下的键 |").Select(Shape);

        Assert.Equal(english, chinese);

        static string Shape(string row) => string.Join(' ', KeysOf(row.Split('|')[1]));
    }

    /// <summary>The rows of the table with this head.</summary>
    internal static IEnumerable<string> Rows(string file, string head) =>
        File.ReadLines(Path.Combine(SourceTree.Root, file))
            .SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'));

    /// <summary>A key that begins with a colon is in the section of the key before it.</summary>
    private static IEnumerable<string> KeysOf(string cell)
    {
        string section = "";
        foreach (string key in Code().Matches(cell).Select(static match => match.Groups[1].Value))
        {
            string whole = key.StartsWith(':') ? section + key : key;
            section = whole.Contains(':', StringComparison.Ordinal) ? whole[..whole.LastIndexOf(':')] : "";
            yield return whole;
        }
    }

    [GeneratedRegex("^ `[^`]+` $")]
    private static partial Regex WrittenValue();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
