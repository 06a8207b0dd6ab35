using FastGate.Commands;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Commands;

/// <summary>A store of commands, and processes that use it one after the other.</summary>
internal interface ICommandSite : IAsyncDisposable
{
    /// <summary>Of the process that runs.</summary>
    IDeviceCommands Commands { get; }

    Task StartAsync(CommandOptions options);

    /// <summary>Ends the process without a word, and its devices with it.</summary>
    Task KillAsync();

    Task<FakeCommandDevice> ConnectAsync(string deviceId, CommandReadiness tools = CommandReadiness.Ready);

    void Turn(TimeSpan by);
}
