using System.Text.RegularExpressions;
using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>What can be set is in the table of both READMEs, and nothing else is.</summary>
public sealed partial class DocumentedKeysTests
{
    private static readonly string[] s_freeForm = ["Llm:Providers:{alias}", "Llm:ByMode:{purpose}"];

    [Theory]
    [InlineData("README.md", "| key under `FastGate` |")]
    [InlineData("README.zh-CN.md", "| `FastGate` 下的键 |")]
    public void Each_key_is_in_the_table_once(string file, string head)
    {
        string[] documented = [.. Rows(file, head).SelectMany(static row => KeysOf(row.Split('|')[1]))];

        Assert.Equal(
            OptionSchema.Keys.Keys.Concat(s_freeForm).Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Both_tables_have_the_same_rows_and_code()
    {
        IEnumerable<string> english = Rows("README.md", "| key under `FastGate` |").Select(Shape);
        IEnumerable<string> chinese = Rows("README.zh-CN.md", "| `FastGate` 下的键 |").Select(Shape);

        Assert.Equal(english, chinese);

        static string Shape(string row) => string.Join(' ', KeysOf(row.Split('|')[1]));
    }

    private static IEnumerable<string> Rows(string file, string head) =>
        File.ReadLines(Path.Combine(SourceTree.Root, file))
            .SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'));

    /// <summary>A key that begins with a colon stands beside the one before it.</summary>
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

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
