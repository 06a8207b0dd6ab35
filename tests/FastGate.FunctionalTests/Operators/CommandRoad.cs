using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>Acts and looks by commands.</summary>
public sealed class CommandRoad(GatewayProcess gateway) : IOperatorRoad
{
    public async Task<JsonNode?> ActAsync(OperatorAct act) => await RunAsync(act.Words);

    public async Task<JsonNode> ReadAsync(OperatorRead read) => (await RunAsync(read.Words))!;

    public Task<IOperatorTrace> TraceAsync(string deviceId) => Task.FromResult<IOperatorTrace>(new CommandTrace(RunningCommand.Start(gateway, "devices", "trace", deviceId)));

    private async Task<JsonNode?> RunAsync(string[] words)
    {
        ServerCommand command = await ServerCommand.RunAsync(gateway, [.. words, "--json"]);
        Assert.True(command is { ExitCode: 0, Errors: "" }, $"{string.Join(' ', words)}: {command.ExitCode}\n{command.Output}{command.Errors}");
        return JsonNode.Parse(command.Output);
    }

    private sealed class CommandTrace(RunningCommand command) : IOperatorTrace
    {
        public Task<IReadOnlyList<string>> LinesAsync()
        {
            // The last piece is an incomplete line or nothing.
            string[] lines = command.Output.Split('\n');
            return Task.FromResult<IReadOnlyList<string>>(lines[..^1]);
        }

        public async Task EndAsync()
        {
            command.Interrupt();
            Assert.Equal(130, await command.ExitCodeAsync());
        }

        public ValueTask DisposeAsync() => command.DisposeAsync();
    }
}
