using FastGate.Commands;
using FastGate.Tests.Commands;

namespace FastGate.Tests.Cluster;

/// <summary>Commands of several nodes, with lost answers. What holds for one node too is in <see cref="CommandContractTests"/>.</summary>
public sealed class ClusterCommandsTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    [RedisFact]
    public async Task A_command_from_any_node_reaches_the_device_and_its_outcome_is_read_at_any_node()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode a = await site.AddAsync();
        CommandNode b = await site.AddAsync();
        FakeCommandDevice device = await b.ConnectAsync("lamp");
        long id = await a.AcceptedAsync("lamp", "1");
        await Until.TrueAsync(() => device.Sent.Count == 1);
        device.Answer(result: "done");

        await EndsAsync(a, id, CommandState.Acknowledged);
        Assert.Equal("done", (await a.Commands.FindAsync(id)).Command!.Result);
        Assert.Single((await a.Commands.ListAsync("lamp", long.MaxValue, 10)).Commands);
    }

    [RedisFact]
    public async Task A_key_names_one_command_at_all_nodes()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode a = await site.AddAsync();
        CommandNode b = await site.AddAsync();
        long id = await a.AcceptedAsync("lamp", "1", key: "k");

        Assert.Equal(id, await b.AcceptedAsync("lamp", "1", key: "k"));
        Assert.NotEqual(id, await b.AcceptedAsync("radio", "1", key: "k"));
        var other = new NewCommand("lamp", "self.do", "2"u8.ToArray(), TimeSpan.FromSeconds(10), null, "k");
        Assert.Equal(CommandRefusal.OtherCommand, (await b.Commands.SubmitAsync(other)).Refusal);
    }

    [RedisFact]
    public async Task Commands_follow_a_device_that_changes_its_node_while_one_is_in_progress()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode a = await site.AddAsync();
        CommandNode b = await site.AddAsync();
        FakeCommandDevice before = await a.ConnectAsync("lamp");
        long first = await a.AcceptedAsync("lamp", "1");
        long second = await a.AcceptedAsync("lamp", "2");
        await Until.TrueAsync(() => before.Sent.Count == 1);
        FakeCommandDevice after = await b.ConnectAsync("lamp");
        a.Devices.Clear();
        before.Answer(CommandState.Failed, reason: "left");

        await Until.TrueAsync(() => after.Sent.Count == 1);
        after.Answer();
        await EndsAsync(b, second, CommandState.Acknowledged);
        Assert.Equal("left", (await b.Commands.FindAsync(first)).Command!.Reason);
        Assert.Equal(["self.do 1"], before.Sent);
        Assert.Equal(["self.do 2"], after.Sent);
    }

    [RedisFact]
    public async Task A_command_whose_node_does_not_report_is_given_up_after_its_timeout_and_a_late_outcome_is_still_stored()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode a = await site.AddAsync();
        CommandNode b = await site.AddAsync();
        FakeCommandDevice before = await a.ConnectAsync("lamp");
        long first = await a.AcceptedAsync("lamp", "1");
        await Until.TrueAsync(() => before.Sent.Count == 1);
        FakeCommandDevice after = await b.ConnectAsync("lamp");
        long second = await a.AcceptedAsync("lamp", "2");
        site.Turn(TimeSpan.FromSeconds(12));

        await Until.TrueAsync(() => after.Sent.Count == 1);
        Assert.StartsWith("unknown outcome", (await b.Commands.FindAsync(first)).Command!.Reason, StringComparison.Ordinal);
        before.Answer(result: "late");
        await EndsAsync(b, first, CommandState.Acknowledged);
        after.Answer();
        await EndsAsync(b, second, CommandState.Acknowledged);
        Assert.Equal((1, 1), (before.Sent.Count, after.Sent.Count));
    }

    [RedisFact]
    public async Task No_command_is_sent_twice_or_forgotten_when_answers_are_lost()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode node = await site.AddAsync();
        FakeCommandDevice device = await node.ConnectAsync("lamp");
        node.Engine.LosesAnswers = true;
        Assert.Equal(
            CommandRefusal.StoreFailed,
            (await node.Commands.SubmitAsync(new NewCommand("lamp", "self.do", "1"u8.ToArray(), TimeSpan.FromSeconds(10), null, "k"))).Refusal);

        // The command was stored, and its take has no answer.
        await Until.TrueAsync(() => node.Engine.Lost >= 2);
        Assert.Empty(device.Sent);
        node.Engine.LosesAnswers = false;
        long id = await node.AcceptedAsync("lamp", "1", key: "k");
        await Until.TrueAsync(() => device.Sent.Count == 1);
        int lost = node.Engine.Lost;
        node.Engine.LosesAnswers = true;
        device.Answer();
        await Until.TrueAsync(() => node.Engine.Lost > lost);
        node.Engine.LosesAnswers = false;
        long next = await node.AcceptedAsync("lamp", "2");
        await Until.TrueAsync(() => device.Sent.Count == 2);
        device.Answer();

        await EndsAsync(node, next, CommandState.Acknowledged);
        await EndsAsync(node, id, CommandState.Acknowledged);
        Assert.Equal(["self.do 1", "self.do 2"], device.Sent);
    }

    [RedisFact]
    public async Task A_command_that_an_engine_without_its_last_writes_offers_again_is_not_sent_again()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode node = await site.AddAsync();
        FakeCommandDevice device = await node.ConnectAsync("lamp");
        long id = await node.AcceptedAsync("lamp", "1");
        await Until.TrueAsync(() => device.Sent.Count == 1);
        await redis.Server.CommandAsync($"HSET {site.Prefix}:c:{id} state 0 token lost");
        device.Answer();

        await EndsAsync(node, id, CommandState.Failed);
        Assert.StartsWith("unknown outcome", (await node.Commands.FindAsync(id)).Command!.Reason, StringComparison.Ordinal);
        Assert.Single(device.Sent);
    }

    [RedisFact]
    public async Task While_the_engine_is_away_a_connected_device_gets_commands_of_the_node_and_others_are_refused()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode node = await site.AddAsync();
        FakeCommandDevice device = await node.ConnectAsync("lamp");
        node.Link.Down("away");
        long id = await node.AcceptedAsync("lamp", "1");
        CommandAnswer refused = await node.Commands.SubmitAsync(new NewCommand("radio", "self.do", [], TimeSpan.FromSeconds(10), null));

        Assert.Equal((CommandRefusal.StoreFailed, "away"), (refused.Refusal, refused.Detail));
        await Until.TrueAsync(() => device.Sent.Count == 1);
        node.Link.Up(node.Node, node.Link.Downs);
        long shared = await node.AcceptedAsync("lamp", "2");
        Assert.Equal([shared, id], (await node.Commands.ListAsync("lamp", long.MaxValue, 2)).Commands.Select(static command => command.Id));
        Assert.Equal([id], (await node.Commands.ListAsync("lamp", shared, 2)).Commands.Select(static command => command.Id));

        // The command of the node ends first.
        device.Answer();
        await Until.TrueAsync(() => device.Sent.Count == 2);
        await EndsAsync(node, id, CommandState.Acknowledged);
    }

    [RedisFact]
    public async Task A_verification_repairs_a_lost_notice()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode a = await site.AddAsync();
        CommandNode b = await site.AddAsync();
        b.Devices["lamp"] = new FakeCommandDevice();
        await a.AcceptedAsync("lamp", "1");
        await b.ClaimAsync("lamp");

        await Until.TrueAsync(() => b.Devices["lamp"].Sent.Count == 1);
    }

    [RedisFact]
    public async Task Quiet_sends_nothing_more_and_ends()
    {
        await using var site = new RedisSite(redis.Server);
        CommandNode node = await site.AddAsync();
        FakeCommandDevice device = await node.ConnectAsync("lamp");
        long sent = await node.AcceptedAsync("lamp", "1");
        await Until.TrueAsync(() => device.Sent.Count == 1);
        Task quiet = node.Commands.BeginQuietAsync(Until.Hang, static () => false);
        long later = await node.AcceptedAsync("lamp", "2");
        Assert.False(quiet.IsCompleted);
        device.Answer();
        await quiet;

        await EndsAsync(node, sent, CommandState.Acknowledged);
        Assert.Equal(CommandState.Queued, (await node.Commands.FindAsync(later)).Command!.State);
        node.Commands.EndQuiet();
        await Until.TrueAsync(() => device.Sent.Count == 2);
    }

    private static async Task EndsAsync(CommandNode node, long id, CommandState expected)
    {
        for (long began = Environment.TickCount64; (await node.Commands.FindAsync(id)).Command!.State is var state && state != expected; await Task.Delay(1))
        {
            Assert.True(Environment.TickCount64 - began < Until.Hang.TotalMilliseconds, $"is {state}, not {expected}");
        }
    }
}
