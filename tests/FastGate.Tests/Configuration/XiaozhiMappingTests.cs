using FastGate.Configuration.Loading;
using FastGate.Configuration.Xiaozhi;

namespace FastGate.Tests.Configuration;

public sealed class XiaozhiMappingTests
{
    /// <summary>After a change of the mapping, copy the expected rows of this test into the READMEs.</summary>
    [Theory]
    [InlineData("README.md", "| keys of the old file, in order of precedence |", ", ")]
    [InlineData("README.zh-CN.md", "| 旧文件的键（按优先顺序） |", "、")]
    public void The_table_in_the_readme_is_the_mapping(string file, string head, string separator)
    {
        IEnumerable<string> expected = XiaozhiMapping.Table
            .GroupBy(static row => row.Key, static row => $"`{row.Path}`")
            .Select(key => $"| {string.Join(separator, key)} | `{key.Key}` |");

        Assert.Equal(expected, DocumentedKeysTests.Rows(file, head));
    }

    [Fact]
    public void Every_row_maps_to_a_key_of_the_schema() => Assert.All(
        XiaozhiMapping.Table, static row => Assert.True(OptionSchema.Keys.ContainsKey(row.Key) || OptionSchema.IsFreeForm(row.Key), row.Key));
}
