using System.Text;
using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>appsettings.json: its encoding, and duplicate keys.</summary>
public sealed class JsonFileTests
{
    [Fact]
    public void Of_duplicate_keys_the_last_is_used_and_sections_are_read_together()
    {
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write(
            "appsettings.json",
            """
            {
              // a comment
              "FastGate": { "Session": { "Prompt": "one", "prompt": "two" },
                "Auth": { "Tokens": ["a", "b"], "Enabled": true } },
              "FastGate": { "Devices": { "Listen": "127.0.0.1:1" },
                "Auth": { "Tokens": ["c"] }, },
            }
            """);

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("two", configuration.Current.Session.Prompt);
        Assert.Equal("127.0.0.1:1", configuration.Current.Devices.Listen);
        Assert.True(configuration.Current.Auth.Enabled);
        Assert.Equal(["c"], configuration.Current.Auth.Tokens);
        string warning = Assert.Single(fixture.Log.WithId(7007));
        Assert.StartsWith($"Warnings about {path}: ", warning, StringComparison.Ordinal);
        Assert.Contains("line 3: FastGate is set here and again in line 5", warning, StringComparison.Ordinal);
        Assert.Contains("line 3: FastGate:Session:prompt is set here and again in line 3", warning, StringComparison.Ordinal);
        Assert.Contains("line 4: FastGate:Auth:Tokens is set here and again in line 6", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_of_one_list_have_no_duplicate_keys()
    {
        using var fixture = new ConfigurationFixture();
        fixture.Write("appsettings.json", """{ "Other": [{ "a": 1 }, { "a": 2 }, [1, { "a": 3 }]], "More": { "a": [] } }""");

        fixture.Create();

        Assert.Empty(fixture.Log.WithId(7007));
    }

    [Fact]
    public void Another_encoding_is_refused_and_a_mark_of_utf_8_accepted()
    {
        const string Json = "{\n  \"FastGate\": { \"Session\": { \"Prompt\": \"你好\" } }\n}";
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write("appsettings.json", "");

        File.WriteAllBytes(path, Encoding.GetEncoding("gbk").GetBytes(Json));
        Assert.Contains($"{path}, line 2: not UTF-8 but probably GBK", Assert.Single(fixture.Failures()), StringComparison.Ordinal);

        File.WriteAllBytes(path, [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Json)]);
        Assert.Contains("line 1: the file is encoded in UTF-16", Assert.Single(fixture.Failures()), StringComparison.Ordinal);

        File.WriteAllBytes(path, [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Json)]);
        Assert.Equal("你好", fixture.Create().Current.Session.Prompt);
    }

    [Fact]
    public void A_syntax_error_names_its_line()
    {
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write("appsettings.json", "{\n  \"FastGate\": {\n    \"Session\" \"x\" }\n}");

        string failure = Assert.Single(fixture.Failures());

        Assert.Contains(path, failure, StringComparison.Ordinal);
        Assert.Contains("line 3: ", failure, StringComparison.Ordinal);
    }
}
