using System.Text;
using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>A file in another encoding than UTF-8 is refused by name, because replaced characters would change texts and keys.</summary>
public sealed class TextFileTests
{
    private const string Yaml = "# a file\nserver:\n  port: 28000\nprompt: 你好，小智。\n";

    static TextFileTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Theory]
    [InlineData("gb2312", "line 4: not UTF-8 but probably GBK (GB2312, GB18030)")]
    [InlineData("gb18030", "line 4: not UTF-8 but probably GBK (GB2312, GB18030)")]
    [InlineData("utf-16", "line 1: the file is encoded in UTF-16")]
    [InlineData("utf-16BE", "line 1: the file is encoded in UTF-16 (big-endian)")]
    [InlineData("utf-32", "line 1: the file is encoded in UTF-32")]
    public void A_file_in_another_encoding_is_refused(string encoding, string expected)
    {
        var other = Encoding.GetEncoding(encoding);
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string path = fixture.Write("config.yaml", "");
        File.WriteAllBytes(path, [.. other.Preamble, .. other.GetBytes(Yaml)]);

        Assert.Contains($"{path}, {expected}; save the file as UTF-8", Assert.Single(fixture.Failures()), StringComparison.Ordinal);
    }

    [Fact]
    public void Utf_16_without_a_mark_and_broken_utf_8_are_refused()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string path = fixture.Write("config.yaml", "");

        File.WriteAllBytes(path, Encoding.Unicode.GetBytes(Yaml));
        Assert.Contains("line 1: a NUL character, as in a file encoded in UTF-16", Assert.Single(fixture.Failures()), StringComparison.Ordinal);

        File.WriteAllBytes(path, [.. "a: 1\nb: "u8, 0xE4, 0xBD, (byte)'\n']);
        Assert.Contains("line 2: not UTF-8", Assert.Single(fixture.Failures()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\uFEFF", "\n")]
    [InlineData("", "\r\n")]
    [InlineData("\uFEFF", "\r\n")]
    public void A_mark_of_utf_8_and_windows_line_ends_are_accepted(string mark, string lineEnd)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string path = fixture.Write("config.yaml", "");
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(mark + Yaml.Replace("\n", lineEnd, StringComparison.Ordinal)));

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("0.0.0.0:28000", configuration.Current.Devices.Listen);
        Assert.Equal("你好，小智。", configuration.Current.Session.Prompt);
    }
}
