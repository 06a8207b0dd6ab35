using System.Text.RegularExpressions;
using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>The tables of both READMEs contain every key of the schema and no other.</summary>
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

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
