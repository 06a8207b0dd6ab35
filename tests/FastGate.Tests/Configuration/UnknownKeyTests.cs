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
}
