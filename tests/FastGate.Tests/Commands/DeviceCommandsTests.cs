using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Tests.Memory;

namespace FastGate.Tests.Commands;

/// <summary>Acceptance, order, bounds and ends of commands.</summary>
public sealed class DeviceCommandsTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Connected_device_gets_the_command_and_its_answer_is_the_result()
    {
        using var test = new TestCommands(_database.Path);
        FakeCommandDevice device = test.Connect("a");

        CommandAnswer answer = await test.SubmitAsync("a", """{"volume":5}""", "self.audio_speaker.set_volume");

        Assert.Equal(CommandState.Sent, answer.Command!.State);
        Assert.Equal(["""self.audio_speaker.set_volume {"volume":5}"""], device.Sent);
        device.Answer(result: "true");
        StoredCommand command = await test.ReadAsync(answer.Command.Id);
        Assert.Equal((CommandState.Acknowledged, "true", null), (command.State, command.Result, command.Reason));
        Assert.NotNull(command.EndedAt);
        Assert.Equal(1, test.Counted["fastgate.commands.ended acknowledged"]);
        Assert.Equal(0, test.Commands.Pending);
    }

    [Fact]
    public async Task Commands_wait_for_the_hello_and_are_sent_one_after_the_other()
    {
        using var test = new TestCommands(_database.Path);
        long first = await test.AcceptedAsync("a", "1", tool: null);
        long second = await test.AcceptedAsync("a", "2");
        long third = await test.AcceptedAsync("a", "3", tool: null);
        long other = await test.AcceptedAsync("b", "4", tool: null);
        Assert.Equal(CommandState.Queued, (await test.ReadAsync(first)).State);

        FakeCommandDevice device = test.Connect("a");

        Assert.Equal(CommandState.Sent, (await test.ReadAsync(first)).State);
        Assert.Equal(["1"], device.Sent);
        device.Answer();
        await test.ReadAsync(first);
        Assert.Equal(["1", "self.do 2"], device.Sent);
        device.Answer(CommandState.Failed, reason: "no such tool");
        Assert.Equal("no such tool", (await test.ReadAsync(second)).Reason);
        Assert.Equal(["1", "self.do 2", "3"], device.Sent);
        device.Answer();
        Assert.Equal(CommandState.Acknowledged, (await test.ReadAsync(third)).State);
        Assert.Equal(CommandState.Queued, (await test.ReadAsync(other)).State);
    }

    [Fact]
    public async Task Tool_call_waits_for_the_list_of_tools_and_what_is_behind_it_waits_too()
    {
        using var test = new TestCommands(_database.Path);
        long call = await test.AcceptedAsync("a", "1");
        await test.AcceptedAsync("a", "2", tool: null);
        FakeCommandDevice device = test.Connect("a", tools: CommandReadiness.NotYet);

        Assert.Equal(CommandState.Queued, (await test.ReadAsync(call)).State);
        Assert.Empty(device.Sent);
        device.ToolReadiness = CommandReadiness.Ready;
        test.Commands.OnReady("a");

        await test.ReadAsync(call);
        Assert.Equal(["self.do 1"], device.Sent);
    }

    [Fact]
    public async Task Tool_call_to_a_device_without_tools_fails_and_says_why()
    {
        using var test = new TestCommands(_database.Path);
        long call = await test.AcceptedAsync("a", "1");
        long raw = await test.AcceptedAsync("a", "2", tool: null);

        FakeCommandDevice device = test.Connect("a", tools: CommandReadiness.Never);

        StoredCommand command = await test.ReadAsync(call);
        Assert.Equal(CommandState.Failed, command.State);
        Assert.Contains("features.mcp", command.Reason, StringComparison.Ordinal);
        Assert.Equal(CommandState.Sent, (await test.ReadAsync(raw)).State);
        Assert.Equal(["2"], device.Sent);
    }

    [Fact]
    public async Task Command_expires_at_its_time_to_live()
    {
        using var test = new TestCommands(_database.Path);
        long early = await test.AcceptedAsync("a", "1", ttl: TimeSpan.FromMinutes(1));
        long late = await test.AcceptedAsync("a", "2", ttl: TimeSpan.FromMinutes(2));

        await test.Time.TurnToNextAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(CommandState.Expired, (await test.ReadAsync(early)).State);
        Assert.Equal(CommandState.Queued, (await test.ReadAsync(late)).State);
        FakeCommandDevice device = test.Connect("a");
        await test.ReadAsync(late);
        Assert.Equal(["self.do 2"], device.Sent);
        Assert.Equal(1, test.Counted["fastgate.commands.ended expired"]);
    }

    [Fact]
    public async Task Command_can_be_cancelled_until_it_is_sent()
    {
        using var test = new TestCommands(_database.Path);
        long sent = await test.AcceptedAsync("a", "1");
        long queued = await test.AcceptedAsync("a", "2");
        FakeCommandDevice device = test.Connect("a");

        Assert.Equal(CommandRefusal.TooLate, (await test.Commands.CancelAsync(sent)).Refusal);
        Assert.Equal(CommandState.Cancelled, (await test.Commands.CancelAsync(queued)).Command!.State);
        Assert.Equal(CommandRefusal.TooLate, (await test.Commands.CancelAsync(queued)).Refusal);
        Assert.Equal(CommandRefusal.Unknown, (await test.Commands.CancelAsync(1)).Refusal);
        device.Answer();
        await test.ReadAsync(sent);
        Assert.Equal(["self.do 1"], device.Sent);
    }

    [Fact]
    public async Task Commands_above_a_bound_are_refused_and_counted()
    {
        using var test = new TestCommands(_database.Path, new CommandOptions { PerDevice = 2, Total = 3 });
        await test.AcceptedAsync("a", "1");
        await test.AcceptedAsync("a", "2");

        Assert.Equal(CommandRefusal.DeviceFull, (await test.SubmitAsync("a", "3")).Refusal);
        await test.AcceptedAsync("b", "1");
        Assert.Equal(CommandRefusal.Full, (await test.SubmitAsync("c", "1")).Refusal);
        Assert.Equal(CommandRefusal.TooLong, (await test.SubmitAsync("c", new string('x', DeviceCommands.MaxPayload + 1))).Refusal);
        Assert.Equal(1, test.Counted["fastgate.commands.refused devicefull"]);
        Assert.Equal(1, test.Counted["fastgate.commands.refused full"]);
        Assert.Equal(1, test.Counted["fastgate.commands.refused toolong"]);
        FakeCommandDevice device = test.Connect("a");
        await test.Commands.FindAsync(1);
        device.Answer();
        await test.AcceptedAsync("c", new string('x', DeviceCommands.MaxPayload));
    }

    [Fact]
    public async Task Command_that_was_not_sent_is_tried_again()
    {
        using var test = new TestCommands(_database.Path);
        FakeCommandDevice device = test.Connect("a");
        long id = await test.AcceptedAsync("a", "1");
        device.Answer(CommandState.Queued);
        Assert.Equal(CommandState.Queued, (await test.ReadAsync(id)).State);

        await test.Time.TurnToNextAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(CommandState.Sent, (await test.ReadAsync(id)).State);
        Assert.Equal(["self.do 1", "self.do 1"], device.Sent);
    }

    [Fact]
    public async Task Page_has_the_newest_first_and_every_command_once()
    {
        using var test = new TestCommands(_database.Path);
        List<long> ids = [];
        for (int i = 0; i < 7; i++)
        {
            ids.Insert(0, await test.AcceptedAsync("a", "1"));
        }

        List<long> seen = [];
        CommandPage page;
        do
        {
            page = await test.Commands.ListAsync("a", seen is [.., var last] ? last : long.MaxValue, 3);
            seen.AddRange(page.Commands.Select(static command => command.Id));
            Assert.Equal(7, page.Total);
        }
        while (page.More);
        Assert.Equal(ids, seen);
        Assert.Empty((await test.Commands.ListAsync("b", long.MaxValue, 3)).Commands);
    }

    [Fact]
    public async Task Ended_commands_are_deleted_after_their_retention()
    {
        using var test = new TestCommands(_database.Path, new CommandOptions { Retention = TimeSpan.FromHours(1) });
        FakeCommandDevice device = test.Connect("a");
        device.Always = new CommandResult(CommandState.Acknowledged);
        long old = await test.AcceptedAsync("a", "1");
        Assert.NotNull((await test.ReadAsync(old)).EndedAt);
        test.Time.Turn(TimeSpan.FromHours(2));
        for (int i = 0; i < 100; i++)
        {
            await test.AcceptedAsync("a", "1");
        }

        await test.Commands.FindAsync(1);
        Assert.Equal(CommandRefusal.Unknown, (await test.Commands.FindAsync(old)).Refusal);
        Assert.Equal(100, (await test.Commands.ListAsync("a", long.MaxValue, 1)).Total);
    }

    [Fact]
    public async Task Without_a_database_commands_work_and_their_loss_is_logged()
    {
        var test = new TestCommands(path: null);
        await test.AcceptedAsync("a", "1");
        long call = await test.AcceptedAsync("b", "2");
        FakeCommandDevice device = test.Connect("b");
        await test.ReadAsync(call);
        device.Answer();
        Assert.Equal(CommandState.Acknowledged, (await test.ReadAsync(call)).State);

        test.Dispose();

        Assert.Contains("1 commands", Assert.Single(test.Log.WithId(7333)), StringComparison.Ordinal);
    }

    /// <summary>A damaged file is set aside by the memory, and with it the commands in it.</summary>
    [Fact]
    public async Task Commands_of_a_replaced_database_end_as_failed()
    {
        int openings = 1;
        using var test = new TestCommands(_database.Path, openings: () => openings);
        await test.AcceptedAsync("a", "1");
        openings = 2;
        File.Move(_database.Path, _database.Path + ".aside");
        File.Delete(_database.Path + "-wal");

        FakeCommandDevice device = test.Connect("a");
        long next = await test.AcceptedAsync("a", "2");

        await test.ReadAsync(next);
        Assert.Equal(["self.do 2"], device.Sent);
        Assert.Single(test.Log.WithId(7335));
    }

    [Fact]
    public async Task Store_that_fails_refuses_and_recovers()
    {
        Directory.CreateDirectory(_database.Directory);
        string file = Path.Combine(_database.Directory, "data");
        await File.WriteAllTextAsync(file, "not a directory");
        using var test = new TestCommands(_database.Path);

        CommandAnswer refused = await test.SubmitAsync("a", "1");
        Assert.Equal(CommandRefusal.StoreFailed, refused.Refusal);
        Assert.NotEmpty(refused.Detail!);
        File.Delete(file);
        await test.AcceptedAsync("a", "1");

        Assert.Equal([7331, 7332], test.Log.Lines.Select(static line => line.Id));
    }
}
