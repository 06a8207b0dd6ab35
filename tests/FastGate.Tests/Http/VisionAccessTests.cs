using System.Net;
using FastGate.Auth;
using FastGate.Configuration.Loading;
using FastGate.Http.Vision;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Tests.Configuration;
using FastGate.Tools.Device;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

public sealed class VisionAccessTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new()
    {
        ["Llm:Providers:eyes:Type"] = "openai",
        ["Llm:Providers:eyes:BaseUrl"] = "http://127.0.0.1:9/v1",
        ["Llm:Providers:eyes:Model"] = "m",
        ["Llm:ByMode:vision"] = "eyes",
    };

    private readonly VisionAddresses _addresses = new() { HttpPort = 8003 };
    private LlmCatalog? _catalog;
    private GatewayConfiguration? _configuration;
    private VisionTokens? _tokens;

    public void Dispose()
    {
        _catalog?.Dispose();
        _configuration?.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData("gateway.example:9003", "http://gateway.example:9003/mcp/vision/explain")]
    [InlineData("192.168.1.5", "http://192.168.1.5:80/mcp/vision/explain")]
    [InlineData("[fd00::1]:8003", "http://[fd00::1]:8003/mcp/vision/explain")]
    [InlineData("bad\"host", "http://10.0.0.7:80/mcp/vision/explain")]
    [InlineData("gateway.example:8003", "https://gateway.example:8003/mcp/vision/explain", true)]
    [InlineData("gateway.example", "https://gateway.example:443/mcp/vision/explain", true)]
    public void Device_gets_the_address_that_it_used_and_a_valid_token(string host, string url, bool isHttps = false)
    {
        VisionAccess access = Create();
        access.Reached("AA:BB", Request(host, isHttps));
        VisionGrant grant = access.GrantFor("aa:bb")!;
        Assert.Equal(url, grant.Url);
        Assert.True(_tokens!.IsValid(grant.Token, "aa:bb", DateTimeOffset.UtcNow, TimeSpan.FromHours(1)));
        Assert.NotEqual(url, access.GrantFor("cc:dd")!.Url);
    }

    [Fact]
    public void Device_without_an_earlier_request_gets_an_address_of_this_machine()
    {
        Uri url = new(Create().GrantFor("aa:bb")!.Url);
        Assert.Equal((8003, "/mcp/vision/explain"), (url.Port, url.AbsolutePath));
    }

    [Fact]
    public void Configured_address_is_used_for_every_device()
    {
        _fixture["Vision:Url"] = "https://gateway.example/mcp/vision/explain";
        VisionAccess access = Create();
        access.Reached("aa:bb", Request("other:1"));
        Assert.Equal("https://gateway.example/mcp/vision/explain", access.GrantFor("aa:bb")!.Url);
    }

    [Fact]
    public void Without_a_model_for_pictures_there_is_no_grant()
    {
        _fixture["Llm:ByMode:vision"] = "";
        _fixture["Llm:Default"] = "eyes";
        Assert.Null(Create().GrantFor("aa:bb"));
    }

    private VisionAccess Create()
    {
        _configuration = _fixture.Create();
        _catalog = new LlmCatalog(_configuration.Snapshot.Llm, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        _tokens = new VisionTokens(new AuthPolicy(_configuration.Current.Auth, NullLogger<AuthPolicy>.Instance));
        return new VisionAccess(_configuration, _tokens, _addresses, _catalog, TimeProvider.System);
    }

    private static DefaultHttpContext Request(string host, bool isHttps = false)
    {
        DefaultHttpContext context = new();
        context.Request.IsHttps = isHttps;
        context.Request.Headers.Host = host;
        context.Connection.LocalIpAddress = IPAddress.Parse("10.0.0.7");
        return context;
    }
}
