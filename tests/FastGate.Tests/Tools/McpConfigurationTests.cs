using FastGate.Configuration.Loading;
using FastGate.Tests.Configuration;
using FastGate.Tools.Settings;

namespace FastGate.Tests.Tools;

/// <summary>The section <c>Mcp:Servers</c>, read through the whole configuration.</summary>
public sealed class McpConfigurationTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Every_setting_is_read()
    {
        _fixture.Write("appsettings.json", """
            {"FastGate":{"Mcp":{"Servers":{
              "files":{"Command":"npx","Arguments":["-y","server","/data"],"Environment":{"A":"1"},"WorkingFolder":"/tmp","Timeout":"5","StartTimeout":"00:02:00","MaxConcurrency":2,"Tools":["read"]},
              "web":{"Url":"https://mcp.example/sse","Headers":{"X-A":"b"},"ApiKey":"k"},
              "off":{"Command":"x","Url":"https://both.example","Timeout":"never","Enabled":false}}}}}
            """);
        using GatewayConfiguration configuration = _fixture.Create();
        IReadOnlyList<McpServerSettings> servers = configuration.Snapshot.Mcp.Servers;
        Assert.Equal(["files", "web"], servers.Select(static server => server.Name));
        McpServerSettings files = servers[0];
        Assert.Equal(("npx", "/tmp", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2), 2), (files.Command, files.WorkingFolder, files.Timeout, files.StartTimeout, files.MaxConcurrency));
        Assert.Equal(["-y", "server", "/data"], files.Arguments);
        Assert.Equal(["read"], files.Tools);
        Assert.Equal("1", files.Environment["A"]);
        Assert.Equal(("https://mcp.example/sse", "k", "b"), ($"{servers[1].Url}", servers[1].ApiKey, servers[1].Headers["X-A"]));
    }

    [Theory]
    [InlineData("a:Enabled", "true", "either Command or Url")]
    [InlineData("a:Url", "ftp://x", "an http or https address")]
    [InlineData("a:Timeout", "0", "seconds or a time span")]
    [InlineData("a:MaxConcurrency", "0", "from 1 to 1000")]
    [InlineData("a b:Command", "x", "a name of letters")]
    [InlineData("a:Environment:KEY", "${NOT_SET_ANYWHERE}", "variables of the environment")]
    public void Wrong_setting_stops_the_start_and_names_the_key(string key, string value, string expected)
    {
        _fixture[$"Mcp:Servers:{key}"] = value;
        string failure = Assert.Single(_fixture.Failures());
        Assert.Contains(expected, failure, StringComparison.Ordinal);
        Assert.StartsWith("FastGate:Mcp:Servers:a", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_read_from_files_and_literal_values_are_left_alone()
    {
        string file = _fixture.Write("secret", "from-the-file\n");
        _fixture["Mcp:Servers:a:Url"] = "http://x/";
        _fixture["Mcp:Servers:a:ApiKey_FILE"] = file;
        _fixture["Mcp:Servers:a:Headers:X-Key_FILE"] = file;
        _fixture["Mcp:Servers:a:Headers:X-Profile"] = "p";
        _fixture["Mcp:Servers:a:Environment:LOG_FILE"] = "/var/log/x";
        using GatewayConfiguration configuration = _fixture.Create();
        McpServerSettings server = Assert.Single(configuration.Snapshot.Mcp.Servers);
        Assert.Equal("from-the-file", server.ApiKey);
        Assert.Equal("from-the-file", server.Headers["X-Key"]);
        Assert.Equal("p", server.Headers["X-Profile"]);
        Assert.Equal("/var/log/x", server.Environment["LOG_FILE"]);
    }

    [Theory]
    [InlineData("Mcp:Servers:a:ApiKey", true)]
    [InlineData("Mcp:Servers:a:Environment:PATH", true)]
    [InlineData("Mcp:Servers:a:Headers:Authorization", true)]
    [InlineData("Mcp:Servers:a:Command", false)]
    [InlineData("Mcp:Servers:a:Arguments:0", false)]
    public void Secrets_are_never_shown(string key, bool secret) => Assert.Equal(secret, OptionSchema.IsSecret(key));

    [Fact]
    public void Changed_value_makes_other_settings_and_the_order_does_not()
    {
        McpServerSettings Read(params (string Key, string Value)[] settings)
        {
            foreach ((string key, string value) in settings)
            {
                _fixture[$"Mcp:Servers:a:{key}"] = value;
            }

            using GatewayConfiguration configuration = _fixture.Create();
            return configuration.Snapshot.Mcp.Servers.Single();
        }

        McpServerSettings first = Read(("Command", "x"), ("Environment:A", "1"));
        Assert.Equal(first, Read(("Environment:A", "1"), ("Command", "x")));
        Assert.NotEqual(first, Read(("Environment:A", "2")));
        Assert.DoesNotContain("2", Read().ToString(), StringComparison.Ordinal);
    }
}
