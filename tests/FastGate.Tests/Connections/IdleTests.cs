using System.Threading.Channels;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Sessions;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using FastGate.Tests.Timers;
using FastGate.Timers;

namespace FastGate.Tests.Connections;

/// <summary>What counts as activity of a device: its messages, a turn in progress, audio that it still plays, a write that it accepts late.</summary>
public sealed class IdleTests
{
    private const string Ping = """{"type":"ping"}""";
    private const string Pong = """{"type":"pong"}""";
    private const string Question = """{"type":"listen","state":"detect","text":"讲个故事"}""";

    // Minutes, because a machine that stalls also moves the clock.
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);
    private static readonly DeviceOptions s_short = new() { Timeouts = new DeviceTimeouts { Idle = s_idle, IdleGrace = s_grace } };

    [Fact]
    public async Task A_long_reply_is_never_warned_and_its_end_starts_the_idle_time()
    {
        const int Sentences = 200;
        var story = Channel.CreateUnbounded<string>();
        using ConnectionHarness harness = Harness(story);
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Question);
        await ReadUntilAsync(device, "\"stt\"");

        // An hour of speech; the timers run after every six minutes, three times the idle time.
        for (int i = 0; i < Sentences; i++)
        {
            story.Writer.TryWrite($"第{i}句。");
            await ReadUntilAsync(device, $"第{i}句");
            harness.Clock.Turn(s_idle * 0.15);
            if (i % 20 == 19)
            {
                await TickAsync(harness);
            }
        }

        story.Writer.Complete();
        await ReadUntilAsync(device, "\"stop\"");
        await TickAsync(harness);
        await AssertOpenAsync(device);

        await AssertWarnedAndClosedAsync(harness, device);
    }

    [Fact]
    public async Task A_turn_without_words_is_bounded_by_the_timeouts_of_the_call()
    {
        using var harness = new ConnectionHarness(
            s_short,
            llm: new FakeChatClientFactory(_ => FakeChatClient.Silent()),
            providers: ConversationBench.Read([("Timeouts:FirstToken", "00:00:00.2"), ("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a")]));
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Question);

        await ReadUntilAsync(device, "\"stop\"");

        await AssertWarnedAndClosedAsync(harness, device);
    }

    [Theory]
    [InlineData("""{"type":"abort"}""")]
    [InlineData("""{"type":"listen","state":"detect","text":"再见"}""")]
    public async Task An_interrupted_turn_is_no_activity(string interruption)
    {
        using ConnectionHarness harness = Harness(Channel.CreateUnbounded<string>(), new SessionOptions { WakeupWords = ["再见"] });
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Question);
        await ReadUntilAsync(device, "\"stt\"");
        await device.SendTextAsync(interruption);
        await ReadUntilAsync(device, "\"stop\"");

        await AssertWarnedAndClosedAsync(harness, device);
    }

    [Fact]
    public async Task Audio_that_the_device_still_plays_is_activity_until_it_ends_or_is_stopped()
    {
        using var harness = new ConnectionHarness(s_short);
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Ping);
        await device.ReceiveTextAsync();
        DeviceConnection connection = harness.Connections().Single();
        long start = harness.Clock.NowMs;

        connection.BusyFor(Ms(s_idle * 10));
        Assert.InRange(connection.NextDeadline - start, Ms(s_idle * 11), Ms(s_idle * 11.5));

        connection.BusyFor(IDeviceOutbound.UntilTurnEnds);
        harness.Clock.Turn(s_idle * 20);
        await TickAsync(harness);
        connection.BusyFor(Ms(s_idle * 10));
        harness.Clock.Turn(s_idle * 10);
        await TickAsync(harness);
        await AssertOpenAsync(device);

        // An earlier end arms the timer again: the entry is filed far ahead.
        connection.BusyFor(Ms(s_idle * 100));
        await TickAsync(harness);
        connection.BusyFor(0);
        await AssertWarnedAndClosedAsync(harness, device);
    }

    [Fact]
    public async Task A_write_that_waits_for_the_device_is_bounded_by_the_write_timeout_only()
    {
        using var harness = new ConnectionHarness(s_short with { Timeouts = s_short.Timeouts with { Write = s_idle * 5 } });
        ScriptedDevice device = harness.ConnectUnread(capacity: 256);
        await device.UpgradeAsync();
        const int Pings = 100;
        for (int i = 0; i < Pings; i++)
        {
            await device.SendTextAsync(Ping);
        }

        harness.Clock.Turn(s_idle * 3);
        await TickAsync(harness);
        for (int i = 0; i < Pings; i++)
        {
            Assert.Equal(Pong, await device.ReceiveTextAsync());
        }

        await AssertOpenAsync(device);
        await AssertWarnedAndClosedAsync(harness, device);
    }

    [Fact]
    public async Task A_message_that_arrives_with_the_warning_prevents_it()
    {
        using var harness = new ConnectionHarness(s_short);
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Ping);
        await device.ReceiveTextAsync();
        DeviceConnection connection = harness.Connections().Single();

        // As the timer thread does at a deadline that passed just before the message.
        await device.SendTextAsync(Ping);
        connection.OnDeadline(harness.Clock.NowMs + Ms(s_idle));

        Assert.Equal(Pong, await device.ReceiveTextAsync());
        await AssertOpenAsync(device);
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-00:00:01")]
    [InlineData("-1.00:00:00")]
    public async Task Idle_time_of_zero_or_less_never_closes(string idle)
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Timeouts = new DeviceTimeouts { Idle = Span(idle) } });
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Ping);
        Assert.Equal(Pong, await device.ReceiveTextAsync());
        Assert.Equal(TimerEntry.Never, harness.Connections().Single().NextDeadline);

        harness.Clock.Turn(TimeSpan.FromDays(8));
        await TickAsync(harness);

        await AssertOpenAsync(device);
    }

    [Fact]
    public async Task A_reload_switches_idle_closing_off_and_on_for_connected_devices()
    {
        using var harness = new ConnectionHarness(s_short);
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Ping);
        await device.ReceiveTextAsync();
        harness.Clock.Turn(s_idle + TimeSpan.FromSeconds(1));
        Assert.Contains("timeout_warning", await device.ReceiveTextAsync(), StringComparison.Ordinal);

        harness.Services.Apply(new DeviceTimeouts { Idle = TimeSpan.Zero });
        harness.Clock.Turn(TimeSpan.FromDays(1));
        await TickAsync(harness);
        await AssertOpenAsync(device);

        harness.Services.Apply(s_short.Timeouts);
        await AssertWarnedAndClosedAsync(harness, device);
    }

    [Fact]
    public async Task Hello_timeout_holds_without_idle_closing()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Timeouts = new DeviceTimeouts { Idle = TimeSpan.Zero } });
        ScriptedDevice device = await harness.UpgradedAsync();

        harness.Clock.Turn(TimeSpan.FromSeconds(11));

        Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
    }

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;

    private static TimeSpan Span(string text) => TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static ConnectionHarness Harness(Channel<string> reply, SessionOptions? texts = null) => new(
        s_short,
        gateway: new GatewayOptions { Session = texts ?? new SessionOptions() },
        llm: new FakeChatClientFactory(_ => new FakeChatClient((_, cancellationToken) => reply.Reader.ReadAllAsync(cancellationToken))));

    /// <summary>Waits until the timers have fired everything that is due.</summary>
    private static async Task TickAsync(ConnectionHarness harness)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new RecordingTimerEntry(harness.Clock.NowMs) { Then = _ => fired.SetResult() };

        // Filed under the next tick, whose walk reaches all entries that are due now.
        harness.Services.Timers.Schedule(probe);
        await fired.Task.WaitAsync(CountSignal.Timeout);
    }

    /// <summary>A pong without a warning or a close before it.</summary>
    private static async Task AssertOpenAsync(ScriptedDevice device)
    {
        await device.SendTextAsync(Ping);
        Assert.Equal(Pong, await device.ReceiveTextAsync());
    }

    private static async Task AssertWarnedAndClosedAsync(ConnectionHarness harness, ScriptedDevice device)
    {
        harness.Clock.Turn(s_idle + TimeSpan.FromSeconds(1));
        Assert.Contains("timeout_warning", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        harness.Clock.Turn(s_grace + TimeSpan.FromSeconds(1));
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.IdleTimeout));
    }

    private static async Task ReadUntilAsync(ScriptedDevice device, string part)
    {
        string text;
        do
        {
            text = await device.ReceiveTextAsync();
            Assert.DoesNotContain("timeout_warning", text, StringComparison.Ordinal);
        }
        while (!text.Contains(part, StringComparison.Ordinal));
    }
}
