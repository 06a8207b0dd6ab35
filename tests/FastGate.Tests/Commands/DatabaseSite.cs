using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Testing.Conversation;
using FastGate.Tests.Memory;

namespace FastGate.Tests.Commands;

/// <summary>Commands in the database of a server.</summary>
internal sealed class DatabaseSite : ICommandSite
{
    private readonly TemporaryDatabase _database = new();
    private readonly ManualTimeProvider _time = new();
    private readonly List<TestCommands> _processes = [];

    public IDeviceCommands Commands => _processes[^1].Commands;

    public Task StartAsync(CommandOptions options)
    {
        _processes.Add(new TestCommands(_database.Path, options, _time));
        Commands.Start();
        return Task.CompletedTask;
    }

    /// <summary>A process that is killed does not dispose of anything.</summary>
    public Task KillAsync() => Task.CompletedTask;

    public Task<FakeCommandDevice> ConnectAsync(string deviceId, CommandReadiness tools) => Task.FromResult(_processes[^1].Connect(deviceId, tools));

    public void Turn(TimeSpan by) => _time.Turn(by);

    public ValueTask DisposeAsync()
    {
        _processes.ForEach(static process => process.Dispose());
        _database.Dispose();
        return ValueTask.CompletedTask;
    }
}
