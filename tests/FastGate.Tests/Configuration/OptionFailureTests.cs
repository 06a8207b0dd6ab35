namespace FastGate.Tests.Configuration;

/// <summary>Each failure names the key, the value and what is allowed.</summary>
public sealed class OptionFailureTests
{
    public static TheoryData<string, string, string> Table => new()
    {
        // Shapes.
        { "Devices:MaxConnections", "many", "a whole number" },
        { "Devices:MaxConnections", "1.5", "a whole number" },
        { "Devices:MaxConnections", "99999999999999999999", "a whole number" },
        { "Auth:ExpireSeconds", "99999999999999999999", "a whole number" },
        { "Auth:Enabled", "yes", "true or false" },
        { "Devices:Echo", "1", "true or false" },
        { "Devices:Timeouts:Idle", "120", "a time span such as 00:02:00" },
        { "Devices:Timeouts:Idle", "2 minutes", "a time span such as 00:02:00" },
        { "Devices:Timeouts:Idle", "00:61:00", "a time span such as 00:02:00" },
        { "Devices:Transport", "epoll", "Auto, EventLoop, Sockets" },
        { "Devices:Transport", "1", "Auto, EventLoop, Sockets" },
        { "Devices:DuplicateDevice", "Kick", "Replace, Reject" },
        { "Memory:Provider", "oracle", "Sqlite, Postgres, None" },
        { "Session:Language", "de", "Auto, Zh, En" },
        { "Auth:Tokens", "abc", "a list: give its items as Auth:Tokens:0" },
        { "Devices:Timeouts", "00:00:10", "a section with keys below it, such as Devices:Timeouts:Close" },

        // Ranges.
        { "Devices:Listen", "8000", "address:port" },
        { "Http:Listen", "example.org:80", "address:port" },
        { "Admin:Listen", "::1:8002", "address:port" },
        { "Admin:Token", "two words", "1 to 1,024 visible ASCII characters" },
        { "Http:WebSocketUrl", "http://host/", "an absolute ws:// or wss:// URL" },
        { "Http:TimezoneOffset", "15:00:00", "from -12:00:00 to 14:00:00" },
        { "Devices:EventLoops", "-1", "from 0 to 1,024 (0 means one per core)" },
        { "Devices:MaxConnections", "0", "from 1 to 10,000,000" },
        { "Devices:Timeouts:Handshake", "00:00:00", "from 00:00:00.0100000 to" },
        { "Devices:Timeouts:Hello", "-00:00:01", "from 00:00:00.0100000 to" },
        { "Devices:Timeouts:Idle", "8.00:00:00", "to 7.00:00:00 (or 0 for no timeout)" },
        { "Devices:Timeouts:Idle", "00:00:00.0010000", "from 00:00:00.0100000 to" },
        { "Devices:Timeouts:IdleGrace", "02:00:00", "from 00:00:00 to 01:00:00" },
        { "Devices:Timeouts:Close", "01:00:00", "to 00:10:00" },
        { "Devices:Timeouts:Write", "01:00:00", "to 00:10:00" },
        { "Devices:Limits:RequestLine", "10", "from 64 to 16,384" },
        { "Devices:Limits:Headers", "10", "from 256 to 32,768" },
        { "Devices:Limits:HeaderCount", "4", "from 5 to 1,000 (an upgrade has at least five)" },
        { "Devices:Limits:Frame", "124", "from 125 to" },
        { "Devices:Limits:Message", "-5", "from 125 to" },
        { "Devices:Limits:Fragments", "0", "from 1 to" },
        { "Devices:Limits:Outbound", "1023", "from 1,024 to" },
        { "Devices:Limits:OutboundFrame", "15", "from 16 to 131,072 (or 0 for whole messages" },
        { "Devices:Limits:OutboundFrame", "131073", "at most Devices:Limits:Outbound" },
        { "Devices:Deflate:MinText", "15", "from 16 to" },
        { "Devices:TrustedProxies:0", "10.0.0.0/33", "an IP address or a network such as 10.0.0.0/8" },
        { "Devices:TrustedPeers:0", "gateway.example", "an IP address or a network such as 10.0.0.0/8" },
        { "Devices:AllowedOrigins:0", "https://app.example.org/", "an origin such as https://app.example.org" },
        { "Devices:AllowedOrigins:0", "null", "an origin such as https://app.example.org" },
        { "Auth:ExpireSeconds", "0", "from 1 to" },
        { "Commands:PerDevice", "0", "from 1 to 1,000" },
        { "Commands:Total", "0", "from 1 to 1,000,000" },
        { "Commands:Ttl", "00:00:00", "from 00:00:01 to 30.00:00:00" },
        { "Commands:KeepOutcome", "00:00:01", "from 00:01:00 to 365.00:00:00" },
        { "Webhooks:BatchSize", "0", "from 1 to 1,000" },
        { "Webhooks:BatchInterval", "00:00:00.0100000", "from 00:00:00.0500000 to 00:01:00" },
        { "Webhooks:Queue", "1", "from 16 to 1,000,000" },
        { "Webhooks:Timeout", "00:00:00", "from 00:00:00.1000000 to 00:01:00" },
        { "Webhooks:RetryFor", "2.00:00:00", "from 00:00:00 to 1.00:00:00" },
        { "Auth:Tokens:0", "not visible \u0001", "1 to 1,024 visible ASCII characters" },
        { "Auth:AllowedDevices:0", "a\nb", "a device id of 1 to 128 characters" },
        { "Llm:Timeouts:Connect", "00:00:00", "from 00:00:00.0100000 to" },
        { "Llm:Timeouts:FirstToken", "01:00:00", "to 00:10:00" },
        { "Llm:Timeouts:BetweenTokens", "01:00:00", "to 00:10:00" },
        { "Llm:Timeouts:Total", "02:00:00", "to 01:00:00" },
        { "Llm:Timeouts:Total", "soon", "a time span such as 00:02:00" },
        { "Workers:Conversation:Queue", "0", "from 1 to 1,000,000" },
        { "Workers:Conversation:Concurrency", "0", "from 1 to 65,536" },
        { "Workers:Memory:Queue", "0", "from 1 to 10,000,000" },
        { "Memory:TablePrefix", "Fast-Gate", "1 to 32 lower-case letters, digits and underscores" },
        { "Memory:SummarizeEvery", "0", "from 1 to 100,000" },
        { "Memory:RetentionDays", "-1", "from 0 to 36,500 (0 keeps them without limit)" },
        { "Drain:Deadline", "02:00:00", "from 00:00:00 to 01:00:00" },
        { "Drain:LoadBalancerWait", "-00:00:01", "from 00:00:00 to 01:00:00" },

        // Values that depend on each other.
        { "Admin:Listen", "0.0.0.0:8002", "a loopback address such as 127.0.0.1:8002, or any address once Admin:Token is set" },
        { "Admin:ViewToken", "alone", "a token beside Admin:Token that differs from it" },
        { "Http:Listen", "0.0.0.0:8000", "a port that Devices:Listen (0.0.0.0:8000) does not use" },
        { "Admin:Listen", "127.0.0.1:8003", "a port that Http:Listen (0.0.0.0:8003) does not use" },
        { "Config", "/nowhere/config.yaml", "a readable xiaozhi config.yaml" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_bad_value_is_named_with_what_is_allowed(string key, string value, string allowed)
    {
        using var fixture = new ConfigurationFixture { [key] = value };

        string failure = Assert.Single(fixture.Failures());

        string shown = key.StartsWith("Auth:Tokens", StringComparison.Ordinal) || key == "Admin:ViewToken" || key == "Admin:Token" ? "***" : value;
        Assert.StartsWith($"FastGate:{key} = \"{shown}\": allowed is ", failure, StringComparison.Ordinal);
        Assert.Contains(allowed, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_have_a_maximum_length()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Session:Prompt"] = new string('x', 65_537),
            ["Session:Greeting"] = new string('x', 4_097),
            ["Session:EndPrompt"] = new string('x', 4_097),
            ["Session:BusyText"] = new string('x', 4_097),
            ["Session:RestartText"] = new string('x', 4_097),
            ["Session:GoodbyeText"] = new string('x', 4_097),
            ["Session:SystemErrorResponse"] = new string('x', 4_097),
            ["Session:WakeupWords:0"] = new string('x', 257),
            ["Llm:Default"] = new string('x', 257),
            ["Memory:Path"] = new string('x', 4_097),
            ["Auth:Key"] = new string('x', 4_097),
        };

        IReadOnlyList<string> failures = fixture.Failures();

        Assert.Equal(11, failures.Count);
        Assert.Contains(failures, static failure => failure.Contains("Session:Prompt", StringComparison.Ordinal) &&
            failure.Contains("1 to 65,536 characters (it has 65,537)", StringComparison.Ordinal));
        Assert.All(failures, static failure => Assert.True(failure.Length < 500 || failure.Contains("WakeupWords", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("postgres://user:password@db/fastgate", "***")]
    [InlineData("Host=db;Pass:word=password", "***")]
    [InlineData("Database=fastgate", "***")]
    [InlineData("Host=db;Port=password", "***")]
    public void A_database_that_several_servers_share_needs_an_address_which_is_never_shown(string? text, string shown)
    {
        using var fixture = new ConfigurationFixture { ["Memory:Provider"] = "postgres", ["Memory:ConnectionString"] = text };

        string failure = Assert.Single(fixture.Failures());

        Assert.StartsWith($"FastGate:Memory:ConnectionString = \"{shown}\": allowed is with Memory:Provider=Postgres, ", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("password", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void All_failures_are_reported_at_once()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Devices:MaxConnections"] = "many",
            ["Devices:Transport"] = "epoll",
            ["Devices:Limits:Fragments"] = "0",
            ["Http:Listen"] = "nowhere",
        };

        IReadOnlyList<string> failures = fixture.Failures();

        Assert.Equal(
            ["Devices:Limits:Fragments", "Devices:MaxConnections", "Devices:Transport", "Http:Listen"],
            failures.Select(static failure => failure.Split(' ')[0]["FastGate:".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_several_bad_items_the_first_is_named_and_the_others_are_counted()
    {
        using var fixture = new ConfigurationFixture { ["Auth:AllowedDevices:0"] = "good", ["Auth:AllowedDevices:1"] = "a\nb", ["Auth:AllowedDevices:2"] = "c\nd" };

        string failure = Assert.Single(fixture.Failures());

        Assert.StartsWith("FastGate:Auth:AllowedDevices:1 = \"a\nb\": allowed is a device id", failure, StringComparison.Ordinal);
        Assert.EndsWith("(and so for 1 more items)", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_has_a_maximum_length()
    {
        using var fixture = new ConfigurationFixture();
        for (int i = 0; i <= 1_000; i++)
        {
            fixture[FormattableString.Invariant($"Session:WakeupWords:{i}")] = "小智";
        }

        Assert.Equal("FastGate:Session:WakeupWords = \"1001 items\": allowed is at most 1,000 items", Assert.Single(fixture.Failures()));
    }

    [Theory]
    [InlineData("Llm:Providers:Big:temperature", "3", "a number from 0 to 2")]
    [InlineData("Llm:Providers:Big:BaseUrl", "ftp://x", "an http or https address")]
    [InlineData("Llm:ByMode:chat:timeout", "-1", "seconds or a time span above 0")]
    [InlineData("Llm:Default", "Huge", "one of the providers Big, echo")]
    public void A_bad_llm_setting_is_named_with_what_is_allowed(string key, string value, string allowed)
    {
        using var fixture = new ConfigurationFixture { ["Llm:Providers:Big:Type"] = "openai", ["Llm:Default"] = "Big", [key] = value };

        Assert.StartsWith($"FastGate:{key} = \"{value}\": allowed is {allowed}", Assert.Single(fixture.Failures()), StringComparison.Ordinal);
    }

    [Fact]
    public void No_secret_is_printed()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Admin:Token"] = "hunter 2",
            ["Auth:Key"] = "hunter2" + new string('x', 5_000),
            ["Auth:Tokens:0"] = "hunter 2",
        };

        Assert.All(fixture.Failures(), static failure => Assert.DoesNotContain("hunter", failure, StringComparison.Ordinal));
    }

    [Fact]
    public void A_public_admin_listener_is_allowed_with_a_token()
    {
        using var fixture = new ConfigurationFixture { ["Admin:Listen"] = "0.0.0.0:8002", ["Admin:Token"] = "s3cret" };

        Assert.Equal("s3cret", fixture.Create().Current.Admin.Token);
    }

    [Fact]
    public void Listeners_on_port_0_never_overlap()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Devices:Listen"] = "127.0.0.1:0",
            ["Http:Listen"] = "127.0.0.1:0",
            ["Admin:Listen"] = "127.0.0.1:0",
        };

        Assert.Equal("127.0.0.1:0", fixture.Create().Current.Http.Listen);
    }
}
