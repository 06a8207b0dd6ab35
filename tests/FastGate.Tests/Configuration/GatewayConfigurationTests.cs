using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Configuration;

public sealed class GatewayConfigurationTests
{
    [Fact]
    public void Without_any_source_the_defaults_are_those_of_the_code()
    {
        using var fixture = new ConfigurationFixture();

        GatewayOptions options = fixture.Create().Current;

        Assert.Equal("0.0.0.0:8000", options.Devices.Listen);
        Assert.Equal(TimeSpan.FromSeconds(120), options.Devices.Timeouts.Idle);
        Assert.Equal(SessionOptions.DefaultWakeupWords, options.Session.WakeupWords);
        Assert.Equal(SessionOptions.DefaultExitCommands, options.Session.ExitCommands);
        Assert.Null(options.Admin.Token);
        Assert.Empty(GatewayOptionsValidator.FailuresOf(options));
    }

    [Fact]
    public void Later_sources_win_and_lists_replace_the_defaults()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Devices:Limits:Frame"] = "1000",
            ["Session:WakeupWords:0"] = "嘿",
            ["devices:timeouts:IDLE"] = "00:00:05",
            ["Devices:Transport"] = "sockets",
        };
        fixture.Write("appsettings.json", """{"FastGate":{"Devices":{"Limits":{"Frame":2000,"Message":3000}}}}""");

        GatewayOptions options = fixture.Create().Current;

        Assert.Equal((1000, 3000), (options.Devices.Limits.Frame, options.Devices.Limits.Message));
        Assert.Equal(TimeSpan.FromSeconds(5), options.Devices.Timeouts.Idle);
        Assert.Equal(DeviceTransportKind.Sockets, options.Devices.Transport);
        Assert.Equal(["嘿"], options.Session.WakeupWords);
    }

    [Fact]
    public void An_empty_value_is_the_same_as_none()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Admin:Token"] = "",
            ["Session:Prompt"] = " ",
            ["Session:WakeupWords:0"] = "",
            ["Devices:MaxConnections"] = "",
            ["Config"] = "",
        };

        GatewayOptions options = fixture.Create().Current;

        Assert.Null(options.Admin.Token);
        Assert.Equal(new SessionOptions().Prompt, options.Session.Prompt);
        Assert.Equal(SessionOptions.DefaultWakeupWords, options.Session.WakeupWords);
        Assert.Equal(100_000, options.Devices.MaxConnections);
    }

    [Fact]
    public void Check_reports_why_a_start_would_fail_and_changes_nothing()
    {
        using var fixture = new ConfigurationFixture { ["Session:Greeting"] = "one" };
        using GatewayConfiguration configuration = fixture.Create();
        int reloads = 0;
        configuration.PrepareReload = (_, _) =>
        {
            reloads++;
            return [];
        };
        Assert.Empty(configuration.Check(out _));

        fixture.Write("appsettings.json", """{"FastGate":{"Devices":{"Limits":{"Frame":-1}}}}""");
        Assert.Contains("Devices:Limits:Frame", Assert.Single(configuration.Check(out _)), StringComparison.Ordinal);
        fixture.Write("appsettings.json", """{"FastGate":{""");
        Assert.NotEmpty(configuration.Check(out _));
        fixture.Write("appsettings.json", """{"FastGate":{"Session":{"Greeting":"below"},"Devices":{"Echo":true}}}""");
        Assert.Empty(configuration.Check(out _));

        Assert.Equal(0, reloads);
        Assert.False(configuration.Current.Devices.Echo);
        Assert.Equal(64 * 1024, configuration.Current.Devices.Limits.Frame);
    }

    [Fact]
    public void A_reload_is_applied_as_a_whole_and_runs_every_step_even_if_one_fails()
    {
        using var fixture = new ConfigurationFixture { ["Session:Greeting"] = "one" };
        using GatewayConfiguration configuration = fixture.Create();
        List<string> applied = [];
        configuration.PrepareReload = (before, next) =>
        {
            Assert.Equal("one", configuration.Current.Session.Greeting);
            Assert.True(next.IsSameBelow("Devices", before));
            Assert.False(next.IsSameBelow("Llm", before) || next.IsSameBelow("Session", before));
            return
            [
                static () => throw new InvalidOperationException("a defect in a step"),
                () => applied.Add(configuration.Current.Session.Greeting + configuration.Snapshot.Llm.Resolve("chat").UnknownAlias),
            ];
        };
        fixture["Session:Greeting"] = "two";
        fixture["Llm:ByMode:chat"] = "A";

        Assert.Equal(ReloadResult.Applied, configuration.Reload());
        Assert.Equal(ReloadResult.Unchanged, configuration.Reload());

        Assert.Equal("two", configuration.Current.Session.Greeting);
        Assert.Equal(["twoA"], applied);
        Assert.Single(fixture.Log.WithId(7005));
        Assert.Contains("Llm:ByMode:chat, Session:Greeting", Assert.Single(fixture.Log.WithId(7002)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_room_that_cannot_prepare_refuses_the_reload()
    {
        using var fixture = new ConfigurationFixture { ["Session:Greeting"] = "one" };
        using GatewayConfiguration configuration = fixture.Create();
        configuration.PrepareReload = static (_, _) => throw new InvalidOperationException("cannot be made");
        fixture["Session:Greeting"] = "two";

        ReloadResult result = configuration.Reload();
        Assert.Equal((0L, 1L, "cannot be made"), (configuration.Reloads.Applied, configuration.Reloads.Refused, configuration.Reloads.LastError));
        Assert.InRange(DateTimeOffset.UtcNow - configuration.Reloads.LastErrorAt!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));

        Assert.False(result.Succeeded);
        Assert.Equal("cannot be made", Assert.Single(result.Failures));
        Assert.Equal("one", configuration.Current.Session.Greeting);
        Assert.Contains("cannot be made", Assert.Single(fixture.Log.WithId(7004)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_value_changes_nothing_and_is_named()
    {
        using var fixture = new ConfigurationFixture { ["Session:Greeting"] = "one", ["Llm:ByMode:chat"] = "A" };
        using GatewayConfiguration configuration = fixture.Create();
        configuration.PrepareReload = static (_, _) =>
        {
            Assert.Fail("nothing changed");
            return [];
        };
        GatewaySnapshot before = configuration.Snapshot;
        fixture["Session:Greeting"] = "two";
        fixture["Llm:ByMode:chat"] = "B";
        fixture["Devices:MaxConnections"] = "0";

        ReloadResult result = configuration.Reload();

        Assert.False(result.Succeeded);
        Assert.Contains("FastGate:Devices:MaxConnections = \"0\"", Assert.Single(result.Failures), StringComparison.Ordinal);
        Assert.Same(before, configuration.Snapshot);
    }

    [Fact]
    public void A_broken_settings_file_changes_nothing_and_says_where()
    {
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write("appsettings.json", """{"FastGate":{"Session":{"Greeting":"one"}}}""");
        using GatewayConfiguration configuration = fixture.Create();
        fixture.Write("appsettings.json", "{\"FastGate\":{\n\"Session\":{\"Greeting\":\"two\"\n");

        string failure = Assert.Single(configuration.Reload().Failures);

        Assert.Contains(path, failure, StringComparison.Ordinal);
        Assert.Contains("line 3", failure, StringComparison.Ordinal);
        Assert.Equal("one", configuration.Current.Session.Greeting);
    }

    [Fact]
    public void Start_only_keys_are_named_in_one_warning()
    {
        using var fixture = new ConfigurationFixture();
        using GatewayConfiguration configuration = fixture.Create();
        fixture["Devices:Listen"] = "127.0.0.1:1";
        fixture["Workers:Memory:Queue"] = "5";
        fixture["Session:Greeting"] = "two";

        configuration.Reload();

        Assert.Equal("Changed keys that take effect only after a restart: Devices:Listen, Workers:Memory:Queue", Assert.Single(fixture.Log.WithId(7003)));
    }

    [Fact]
    public void A_changed_file_is_reloaded_once_it_is_stable()
    {
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write("appsettings.json", """{"FastGate":{"Session":{"Greeting":"one"}}}""");
        using GatewayConfiguration configuration = fixture.Create();
        configuration.PollFiles();
        configuration.PollFiles();
        fixture.Write("appsettings.json", """{"FastGate":{"Session":{"Greeting":"two"}}}""");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(5));

        configuration.PollFiles();
        Assert.Equal("one", configuration.Current.Session.Greeting);
        configuration.PollFiles();
        Assert.Equal("two", configuration.Current.Session.Greeting);

        fixture.Write("appsettings.json", "{");
        configuration.PollFiles();
        configuration.PollFiles();
        configuration.PollFiles();
        Assert.Equal("two", configuration.Current.Session.Greeting);
        Assert.Single(fixture.Log.WithId(7004));
    }

    [Fact]
    public void A_file_changed_between_reading_and_watching_is_not_missed()
    {
        using var fixture = new ConfigurationFixture();
        fixture.Write("appsettings.json", """{"FastGate":{"Session":{"Greeting":"one"}}}""");
        using GatewayConfiguration configuration = fixture.Create();
        fixture.Write("appsettings.json", """{"FastGate":{"Session":{"Greeting":"two"}}}""");

        configuration.PollFiles();
        configuration.PollFiles();

        Assert.Equal("two", configuration.Current.Session.Greeting);
    }

    [Fact]
    public void Readers_never_see_a_partial_reload()
    {
        using var fixture = new ConfigurationFixture { ["Session:Greeting"] = "0", ["Session:BusyText"] = "0" };
        using GatewayConfiguration configuration = fixture.Create();
        using var stop = new CancellationTokenSource();
        var reader = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                SessionOptions session = configuration.Current.Session;
                if (session.Greeting != session.BusyText)
                {
                    stop.Cancel();
                }
            }
        });
        reader.Start();
        for (int i = 1; i <= 50; i++)
        {
            fixture["Session:Greeting"] = $"{i}";
            fixture["Session:BusyText"] = $"{i}";
            configuration.Reload();
        }

        bool torn = stop.IsCancellationRequested;
        stop.Cancel();
        reader.Join();
        Assert.False(torn);
    }

    [Theory]
    [InlineData("Drain:Deadline", "00:00:05", false)]
    [InlineData("Memory:SummarizeEvery", "5", false)]
    [InlineData("Memory:Path", "elsewhere.db", true)]
    [InlineData("Devices:Limits:Frame", "1000", true)]
    [InlineData("Http:WebSocketUrl", "ws://here/", false)]
    [InlineData("Session:Goodbye", "false", false)]
    public void A_changed_start_only_key_is_reported(string key, string value, bool needsRestart)
    {
        using var fixture = new ConfigurationFixture();
        using GatewayConfiguration configuration = fixture.Create();
        fixture[key] = value;

        Assert.Equal(ReloadResult.Applied, configuration.Reload());

        Assert.Equal(needsRestart ? [key] : [], fixture.Log.WithId(7003).Select(static line => line.Split(' ')[^1]));
    }
}
