using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Server;

/// <summary>What a command of the server's executable did.</summary>
public sealed record ServerCommand(int ExitCode, string Output, string Errors)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    /// <summary>The items of a list that was written with <c>--json</c>.</summary>
    public IReadOnlyList<JsonObject> Items => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>Runs a command in the directory of a server, so that it finds that server.</summary>
    public static Task<ServerCommand> RunAsync(GatewayProcess gateway, params string[] words) => RunAsync(gateway.WorkingDirectory, words);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<ServerCommand> RunAsync(string workingDirectory, params string[] words)
    {
        string[] command = [.. RepositoryPaths.ServerCommand(), .. words];
        (int exitCode, string output, string errors) = await ExternalProgram.RunToEndAsync(command[0], command.Skip(1), workingDirectory);
        return new ServerCommand(exitCode, output, errors);
    }
}
