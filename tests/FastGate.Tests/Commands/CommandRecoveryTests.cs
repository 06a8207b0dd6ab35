using FastGate.Commands;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Memory;

namespace FastGate.Tests.Commands;

/// <summary>What a process finds that the one before it has left, however that one ended.</summary>
public sealed class CommandRecoveryTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Queued_commands_are_sent_by_the_next_process_in_their_order()
    {
        using var before = new TestCommands(_database.Path);
        long first = await before.AcceptedAsync("a", "1");
        long second = await before.AcceptedAsync("a", "2");

        // The process before is not disposed of: it was killed.
        using var after = new TestCommands(_database.Path, time: before.Time);
        FakeCommandDevice device = after.Connect("a");
        device.Always = new CommandResult(CommandState.Acknowledged);
        after.Commands.Start();

        await after.ReadAsync(first);
        await after.ReadAsync(first);
        Assert.Equal(CommandState.Acknowledged, (await after.ReadAsync(second)).State);
        Assert.Equal(["self.do 1", "self.do 2"], device.Sent);
        Assert.True(await after.AcceptedAsync("a", "3") > second);
    }

    [Fact]
    public async Task Sent_command_without_an_answer_fails_and_is_not_sent_again()
    {
        using var before = new TestCommands(_database.Path);
        before.Connect("a");
        long sent = await before.AcceptedAsync("a", "1");
        long queued = await before.AcceptedAsync("a", "2");

        using var after = new TestCommands(_database.Path, time: before.Time);
        after.Commands.Start();
        FakeCommandDevice device = after.Connect("a");

        StoredCommand command = await after.ReadAsync(sent);
        Assert.Equal(CommandState.Failed, command.State);
        Assert.StartsWith("unknown outcome", command.Reason, StringComparison.Ordinal);
        Assert.Equal(CommandState.Sent, (await after.ReadAsync(queued)).State);
        Assert.Equal(["self.do 2"], device.Sent);
        Assert.Contains("1 commands to devices wait since before the start; 1 were sent", Assert.Single(after.Log.WithId(7330)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_waits_for_the_answer_sends_nothing_more_and_ends()
    {
        using var test = new TestCommands(_database.Path);
        FakeCommandDevice device = test.Connect("a");
        long sent = await test.AcceptedAsync("a", "1");
        Task quiet = test.Commands.BeginQuietAsync(TimeSpan.FromMinutes(1), static () => false);
        long later = await test.AcceptedAsync("a", "2");

        Assert.False(quiet.IsCompleted);
        device.Answer();
        await quiet;

        Assert.Equal(CommandState.Acknowledged, (await test.ReadAsync(sent)).State);
        Assert.Equal(CommandState.Queued, (await test.ReadAsync(later)).State);
        test.Commands.EndQuiet();
        Assert.Equal(CommandState.Sent, (await test.ReadAsync(later)).State);
    }

    [Fact]
    public void Hello_of_a_device_without_commands_costs_nothing()
    {
        using var test = new TestCommands(_database.Path);

        Assert.Equal(0, Allocations.Of(() => test.Commands.OnReady("a")));
        Assert.False(File.Exists(_database.Path));
    }

    /// <summary>Devices come, go, refuse and answer in a random order, and the process is killed: no command is sent twice, none overtakes another, none is lost.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_command_is_lost_repeated_or_overtaken_in_a_random_order_of_events(int seed)
    {
        var random = new Random(seed);
        var time = new ManualTimeProvider();
        string[] names = ["a", "b", "c"];
        Dictionary<string, List<string>> sent = names.ToDictionary(static name => name, static _ => new List<string>());
        Dictionary<long, string> accepted = [];
        List<TestCommands> processes = [new TestCommands(_database.Path, time: time)];
        for (int step = 0; step < 200; step++)
        {
            TestCommands process = processes[^1];
            string name = names[random.Next(names.Length)];
            switch (random.Next(10))
            {
                case < 4:
                    accepted.Add(await process.AcceptedAsync(name, $"{step}"), name);
                    break;
                case < 6 when process.Devices.TryGetValue(name, out FakeCommandDevice? present):
                    present.TryAnswer(random.Next(2) == 0 ? CommandState.Acknowledged : CommandState.Failed);
                    break;
                case < 8 when !process.Devices.ContainsKey(name):
                    process.Connect(name);
                    break;
                case 8 when random.Next(4) == 0:
                    await process.Commands.FindAsync(1);
                    Record(process);
                    processes.Add(new TestCommands(_database.Path, time: time));
                    processes[^1].Commands.Start();
                    break;
            }
        }

        TestCommands last = processes[^1];
        foreach (string name in names)
        {
            FakeCommandDevice device = last.Devices.TryGetValue(name, out FakeCommandDevice? present) ? present : last.Connect(name);
            device.Always = new CommandResult(CommandState.Acknowledged);
            await last.Commands.FindAsync(1);
            device.TryAnswer(CommandState.Acknowledged);
        }

        while (last.Commands.Pending > 0)
        {
            await last.Commands.FindAsync(1);
        }

        Record(last);
        foreach ((long id, string name) in accepted)
        {
            Assert.NotNull((await last.ReadAsync(id)).EndedAt);
        }

        Assert.All(names, name =>
        {
            int[] steps = [.. sent[name].Select(static text => int.Parse(text["self.do ".Length..], System.Globalization.CultureInfo.InvariantCulture))];
            Assert.Equal(steps.Distinct().Order(), steps);
            Assert.Equal(accepted.Values.Count(owner => owner == name), steps.Length);
        });
        processes.ForEach(static process => process.Dispose());

        void Record(TestCommands process)
        {
            foreach ((string name, FakeCommandDevice device) in process.Devices)
            {
                sent[name].AddRange(device.Sent);
            }
        }
    }
}
