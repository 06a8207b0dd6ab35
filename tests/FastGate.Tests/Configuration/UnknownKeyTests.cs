using FastGate.Configuration.Loading;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Configuration;

public sealed class UnknownKeyTests
{
    [Theory]
    [InlineData("Devices:Lisen", "Devices:Listen")]
    [InlineData("Devices:Timeouts:Idel", "Devices:Timeouts:Idle")]
    [InlineData("Devices:Timeout", "Devices:Timeouts")]
    [InlineData("Device", "Devices")]
    [InlineData("Listen", "Admin:Listen")]
    [InlineData("Llm:Provider", "Llm:Providers")]
    [InlineData("Llm:By_Mode", "Llm:ByMode")]
    [InlineData("Sesion:Prompt", "Session:Prompt")]
    [InlineData("Auth:AllowedDevice", "Auth:AllowedDevices")]
    [InlineData("Memory:Retention", "Memory:RetentionDays")]
    public void The_nearest_known_key_is_named(string unknown, string nearest) => Assert.Equal(nearest, UnknownKeys.Nearest(unknown));

    [Fact]
    public void An_unknown_key_is_a_warning_and_a_section_is_named_once()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Devicess:Listen"] = "127.0.0.1:1",
            ["Devicess:Echo"] = "true",
            ["Devices:Lisen"] = "x",
            ["Devices:Listen:Extra"] = "x",
        };

        fixture.Create();

        Assert.Equal(
            [
                "Unknown configuration key FastGate:Devices:Lisen; the nearest known key is FastGate:Devices:Listen",
                "Unknown configuration key FastGate:Devices:Listen:Extra; the nearest known key is FastGate:Devices:Listen",
                "Unknown configuration key FastGate:Devicess; the nearest known key is FastGate:Devices",
            ],
            fixture.Log.WithId(7000));
        Assert.All(fixture.Log.Lines, static line => Assert.Equal(LogLevel.Warning, line.Level));
    }

    [Fact]
    public void Free_form_sections_and_lists_have_no_unknown_keys()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Llm:Providers:Any:what_ever"] = "x",
            ["Llm:ByMode:any"] = "Any",
            ["Llm:ByMode:other:overrides:temperature"] = "0.5",
            ["Auth:Tokens:0"] = "x",
            ["Session:WakeupWords:17"] = "小智",
        };

        GatewayConfiguration configuration = fixture.Create();

        Assert.Empty(fixture.Log.Lines);
        Assert.Equal(["小智"], configuration.Current.Session.WakeupWords);
    }

    [Fact]
    public void The_schema_knows_every_key_of_the_contract()
    {
        string[] contract =
        [
            "Devices:Listen", "Http:Listen", "Admin:Listen", "Devices:Transport", "Devices:EventLoops", "Devices:Echo", "Devices:MaxConnections",
            "Devices:DuplicateDevice", "Devices:Timeouts:Handshake", "Devices:Timeouts:Hello", "Devices:Timeouts:Idle", "Devices:Timeouts:IdleGrace",
            "Devices:Timeouts:Close", "Devices:Timeouts:Write", "Devices:Limits:RequestLine", "Devices:Limits:Headers", "Devices:Limits:HeaderCount",
            "Devices:Limits:Frame", "Devices:Limits:Message", "Devices:Limits:Fragments", "Devices:Limits:Outbound", "Devices:Limits:OutboundFrame",
            "Auth:Enabled", "Auth:Key", "Auth:Tokens", "Auth:AllowedDevices", "Auth:ExpireSeconds", "Memory:Provider", "Memory:Path", "Config",
            "Admin:Token", "Management:Secret", "Http:WebSocketUrl", "Session:Prompt", "Session:WakeupWords", "Session:ExitCommands",
            "Session:EndPrompt", "Session:Greeting", "Session:BusyText", "Session:SystemErrorResponse", "Llm:Default", "Llm:Timeouts:Connect",
            "Llm:Timeouts:FirstToken", "Llm:Timeouts:BetweenTokens", "Llm:Timeouts:Total", "Workers:Conversation:Queue",
            "Workers:Conversation:Concurrency", "Workers:Memory:Queue", "Memory:SummarizeEvery", "Memory:RetentionDays", "Drain:Deadline",
            "Drain:LoadBalancerWait",
        ];

        Assert.DoesNotContain(contract, static key => !OptionSchema.Keys.ContainsKey(key));
    }
}
