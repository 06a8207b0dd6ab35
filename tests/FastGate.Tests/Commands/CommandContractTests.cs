using System.Text;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Tests.Cluster;

namespace FastGate.Tests.Commands;

/// <summary>What an operator and a device may rely on, wherever commands are stored.</summary>
public sealed class CommandContractTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Theory]
    [CommandStores]
    public async Task Commands_wait_for_the_hello_and_are_sent_one_after_the_other(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        long first = await AcceptedAsync(site, "a", "1", tool: null);
        long second = await AcceptedAsync(site, "a", "2");
        long third = await AcceptedAsync(site, "a", "3", tool: null);
        long other = await AcceptedAsync(site, "b", "4", tool: null);
        Assert.True(first < second && second < third);
        FakeCommandDevice device = await site.ConnectAsync("a");

        await SentAsync(site, device, first, 1);
        Assert.Equal(["1"], device.Sent);
        device.Answer(result: "true");
        await SentAsync(site, device, second, 2);
        device.Answer(CommandState.Failed, reason: "no such tool");
        await SentAsync(site, device, third, 3);
        device.Answer();
        await AssertAsync(site, third, CommandState.Acknowledged);
        Assert.Equal(["1", "self.do 2", "3"], device.Sent);
        StoredCommand[] ended = [await FindAsync(site, first), await FindAsync(site, second)];
        Assert.Equal(
            [(CommandState.Acknowledged, "true", null), (CommandState.Failed, null, "no such tool")], ended.Select(static command => (command.State, command.Result, command.Reason)));
        Assert.All(ended, static command => Assert.True(command.SentAt is not null && command.EndedAt is not null && command.DeviceId == "a"));
        await AssertAsync(site, other, CommandState.Queued);
    }

    [Theory]
    [CommandStores]
    public async Task A_connected_device_gets_its_command_at_once(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        FakeCommandDevice device = await site.ConnectAsync("a");
        long id = await AcceptedAsync(site, "a", "{\"ü\":\"'\"}");

        await SentAsync(site, device, id, 1);
        Assert.Equal(["self.do {\"ü\":\"'\"}"], device.Sent);
    }

    [Theory]
    [CommandStores]
    public async Task A_tool_call_waits_for_the_list_of_tools(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        long call = await AcceptedAsync(site, "a", "1");
        FakeCommandDevice device = await site.ConnectAsync("a", tools: CommandReadiness.NotYet);
        await AssertAsync(site, call, CommandState.Queued);
        Assert.Empty(device.Sent);

        device.ToolReadiness = CommandReadiness.Ready;
        site.Commands.OnReady("a");

        await SentAsync(site, device, call, 1);
    }

    [Theory]
    [CommandStores]
    public async Task A_tool_call_to_a_device_without_tools_fails_and_the_next_command_is_sent(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        long call = await AcceptedAsync(site, "a", "1");
        long raw = await AcceptedAsync(site, "a", "2", tool: null);
        FakeCommandDevice device = await site.ConnectAsync("a", tools: CommandReadiness.Never);

        await SentAsync(site, device, raw, 1);
        StoredCommand failed = await FindAsync(site, call);
        Assert.Equal((CommandState.Failed, CommandReasons.NoTools), (failed.State, failed.Reason));
        Assert.Equal(["2"], device.Sent);
    }

    [Theory]
    [CommandStores]
    public async Task A_command_expires_at_its_time_to_live(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        long early = await AcceptedAsync(site, "a", "1", ttl: TimeSpan.FromMinutes(1));
        long late = await AcceptedAsync(site, "a", "2", ttl: TimeSpan.FromMinutes(2));

        site.Turn(TimeSpan.FromMinutes(1));

        await AssertAsync(site, early, CommandState.Expired);
        Assert.Equal(CommandRefusal.TooLate, (await site.Commands.CancelAsync(early)).Refusal);
        FakeCommandDevice device = await site.ConnectAsync("a");
        await SentAsync(site, device, late, 1);
        Assert.Equal(["self.do 2"], device.Sent);
        await AssertAsync(site, early, CommandState.Expired);
    }

    [Theory]
    [CommandStores]
    public async Task A_command_can_be_cancelled_until_it_is_sent(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        long sent = await AcceptedAsync(site, "a", "1");
        long queued = await AcceptedAsync(site, "a", "2");
        FakeCommandDevice device = await site.ConnectAsync("a");
        await SentAsync(site, device, sent, 1);

        Assert.Equal(CommandRefusal.TooLate, (await site.Commands.CancelAsync(sent)).Refusal);
        Assert.Equal(CommandState.Cancelled, (await site.Commands.CancelAsync(queued)).Command!.State);
        Assert.Equal(CommandRefusal.TooLate, (await site.Commands.CancelAsync(queued)).Refusal);
        Assert.Equal(CommandRefusal.Unknown, (await site.Commands.CancelAsync(1)).Refusal);
        Assert.Equal(CommandRefusal.Unknown, (await site.Commands.CancelAsync(1L << 50)).Refusal);
        device.Answer();
        await AssertAsync(site, sent, CommandState.Acknowledged);
        Assert.Equal(["self.do 1"], device.Sent);
    }

    [Theory]
    [CommandStores]
    public async Task Commands_above_a_bound_are_refused(string store)
    {
        await using ICommandSite site = await StartAsync(store, new CommandOptions { PerDevice = 2, Total = 3 });
        long first = await AcceptedAsync(site, "a", "1");
        await AcceptedAsync(site, "a", "2");

        Assert.Equal(CommandRefusal.DeviceFull, (await SubmitAsync(site, "a", "3")).Refusal);
        await AcceptedAsync(site, "b", "1");
        Assert.Equal(CommandRefusal.Full, (await SubmitAsync(site, "c", "1")).Refusal);
        Assert.Equal(CommandRefusal.TooLong, (await SubmitAsync(site, "c", new string('x', DeviceCommands.MaxPayload + 1))).Refusal);
        await site.Commands.CancelAsync(first);
        await AcceptedAsync(site, "c", new string('x', DeviceCommands.MaxPayload));
    }

    [Theory]
    [CommandStores]
    public async Task A_command_that_was_not_sent_is_tried_again(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        FakeCommandDevice device = await site.ConnectAsync("a");
        long id = await AcceptedAsync(site, "a", "1");
        await SentAsync(site, device, id, 1);
        device.Answer(CommandState.Queued);
        await AssertAsync(site, id, CommandState.Queued);
        site.Turn(TimeSpan.FromSeconds(1));

        await Until.TrueAsync(() => device.Sent.Count == 2);
        device.Answer();
        await AssertAsync(site, id, CommandState.Acknowledged);
        Assert.Equal(["self.do 1", "self.do 1"], device.Sent);
    }

    [Theory]
    [CommandStores]
    public async Task A_page_has_the_newest_first_and_every_command_once(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        List<long> ids = [];
        for (int i = 0; i < 7; i++)
        {
            ids.Insert(0, await AcceptedAsync(site, "a", "1"));
        }

        await site.Commands.CancelAsync(ids[3]);
        List<long> seen = [];
        CommandPage page;
        do
        {
            page = await site.Commands.ListAsync("a", seen is [.., var last] ? last : long.MaxValue, 3);
            seen.AddRange(page.Commands.Select(static command => command.Id));
            Assert.Equal(7, page.Total);
        }
        while (page.More);
        Assert.Equal(ids, seen);
        Assert.Empty((await site.Commands.ListAsync("b", long.MaxValue, 3)).Commands);
    }

    [Theory]
    [CommandStores]
    public async Task What_a_killed_process_had_sent_fails_and_the_rest_is_sent_by_the_next_one_in_order(string store)
    {
        await using ICommandSite site = await StartAsync(store);
        FakeCommandDevice former = await site.ConnectAsync("a");
        long sent = await AcceptedAsync(site, "a", "1");
        long second = await AcceptedAsync(site, "a", "2");
        long third = await AcceptedAsync(site, "a", "3");
        await SentAsync(site, former, sent, 1);
        await site.KillAsync();
        await site.StartAsync(new CommandOptions());
        FakeCommandDevice device = await site.ConnectAsync("a");
        device.Always = new CommandResult(CommandState.Acknowledged);
        await Until.TrueAsync(() => device.Sent.Count > 0);
        device.TryAnswer(CommandState.Acknowledged);

        await AssertAsync(site, third, CommandState.Acknowledged);
        await AssertAsync(site, second, CommandState.Acknowledged);
        StoredCommand lost = await FindAsync(site, sent);
        Assert.Equal(CommandState.Failed, lost.State);
        Assert.StartsWith("unknown outcome", lost.Reason, StringComparison.Ordinal);
        Assert.Equal(["self.do 1"], former.Sent);
        Assert.Equal(["self.do 2", "self.do 3"], device.Sent);
        Assert.True(await AcceptedAsync(site, "a", "4") > third);
    }

    private async Task<ICommandSite> StartAsync(string store, CommandOptions? options = null)
    {
        ICommandSite site = store == "redis" ? new RedisSite(redis.Server) : new DatabaseSite();
        await site.StartAsync(options ?? new CommandOptions());
        return site;
    }

    private static Task<CommandAnswer> SubmitAsync(ICommandSite site, string deviceId, string payload, string? tool = "self.do", TimeSpan? ttl = null) =>
        site.Commands.SubmitAsync(new NewCommand(deviceId, tool, Encoding.UTF8.GetBytes(payload), TimeSpan.FromSeconds(10), ttl));

    private static async Task<long> AcceptedAsync(ICommandSite site, string deviceId, string payload, string? tool = "self.do", TimeSpan? ttl = null)
    {
        CommandAnswer answer = await SubmitAsync(site, deviceId, payload, tool, ttl);
        Assert.Equal(CommandRefusal.None, answer.Refusal);
        return answer.Command!.Id;
    }

    private static async Task<StoredCommand> FindAsync(ICommandSite site, long id) => (await site.Commands.FindAsync(id)).Command!;

    /// <summary>A command is marked as sent before it is.</summary>
    private static async Task SentAsync(ICommandSite site, FakeCommandDevice device, long id, int count)
    {
        await AssertAsync(site, id, CommandState.Sent);
        await Until.TrueAsync(() => device.Sent.Count >= count);
    }

    private static async Task AssertAsync(ICommandSite site, long id, CommandState expected)
    {
        for (long began = Environment.TickCount64; (await FindAsync(site, id)).State is var state && state != expected; await Task.Delay(1))
        {
            Assert.True(Environment.TickCount64 - began < Until.Hang.TotalMilliseconds, $"is {state}, not {expected}");
        }
    }
}
