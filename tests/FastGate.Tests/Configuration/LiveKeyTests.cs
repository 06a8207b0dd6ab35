using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>Every key is in force after a reload or named as one of the next start: none changes in silence.</summary>
public sealed class LiveKeyTests
{
    /// <summary>What a reload puts in force, each by the room that reads it.</summary>
    private static readonly string[] s_live =
    [
        "Admin:Token", "Auth:AllowedDevices", "Auth:Enabled", "Auth:ExpireSeconds", "Auth:Key", "Auth:Tokens", "Config",
        "Devices:Timeouts:Close", "Devices:Timeouts:Handshake", "Devices:Timeouts:Hello", "Devices:Timeouts:Idle", "Devices:Timeouts:IdleGrace",
        "Devices:Timeouts:Write", "Drain:Deadline", "Drain:LoadBalancerWait", "Http:TimezoneOffset", "Http:WebSocketUrl", "Llm:Default",
        "Llm:Timeouts:BetweenTokens", "Llm:Timeouts:Connect", "Llm:Timeouts:FirstToken", "Llm:Timeouts:Total", "Management:Secret",
        "Memory:RetentionDays", "Memory:SummarizeEvery", "Session:BusyText", "Session:EndPrompt", "Session:ExitCommands", "Session:Goodbye",
        "Session:Greeting", "Session:Prompt", "Session:SystemErrorResponse", "Session:WakeupWords",
    ];

    [Fact]
    public void A_key_is_either_live_or_of_the_next_start() => Assert.Equal(
        s_live, OptionSchema.Keys.Keys.Where(static key => !StartOnlyKeys.Contains(key)).Order(StringComparer.Ordinal));

    [Fact]
    public void Providers_and_modes_are_live() => Assert.DoesNotContain(OptionSchema.FreeForm, StartOnlyKeys.Contains);
}
