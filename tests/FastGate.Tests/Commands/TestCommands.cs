using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Commands;

/// <summary>Commands on a database file, with devices and a clock that a test controls.</summary>
internal sealed class TestCommands : IDisposable, ICommandDevices
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public TestCommands(string? path, CommandOptions? options = null, ManualTimeProvider? time = null, Func<int>? openings = null)
    {
        Time = time ?? new ManualTimeProvider();
        var metrics = new CommandMetrics(_services.GetRequiredService<IMeterFactory>());
        Counted = new CountedMeasurements(_services.GetRequiredService<IMeterFactory>().Create(GatewayMeter.Name));
        Commands = new DeviceCommands(new CommandStore(path, openings ?? (static () => 0)), this, options ?? new CommandOptions(), metrics, Log, Time);
    }

    public DeviceCommands Commands { get; }

    public ManualTimeProvider Time { get; }

    public RecordingLogger<DeviceCommands> Log { get; } = new();

    public CountedMeasurements Counted { get; }

    public ConcurrentDictionary<string, FakeCommandDevice> Devices { get; } = new();

    public ICommandDevice? Find(string deviceId) => Devices.GetValueOrDefault(deviceId);

    /// <summary>Connects a device and reports its hello.</summary>
    public FakeCommandDevice Connect(string deviceId, CommandReadiness tools = CommandReadiness.Ready)
    {
        FakeCommandDevice device = Devices[deviceId] = new FakeCommandDevice { ToolReadiness = tools };
        Commands.OnReady(deviceId);
        return device;
    }

    public Task<CommandAnswer> SubmitAsync(string deviceId, string payload, string? tool = "self.do", TimeSpan? ttl = null) =>
        Commands.SubmitAsync(new NewCommand(deviceId, tool, Encoding.UTF8.GetBytes(payload), TimeSpan.FromSeconds(10), ttl));

    public async Task<long> AcceptedAsync(string deviceId, string payload, string? tool = "self.do", TimeSpan? ttl = null)
    {
        CommandAnswer answer = await SubmitAsync(deviceId, payload, tool, ttl);
        Assert.Equal(CommandRefusal.None, answer.Refusal);
        return answer.Command!.Id;
    }

    /// <summary>The command after the worker has done everything that was posted before.</summary>
    public async Task<StoredCommand> ReadAsync(long id) => (await Commands.FindAsync(id)).Command!;

    public void Dispose()
    {
        Commands.Dispose();
        Counted.Dispose();
        _services.Dispose();
    }
}
