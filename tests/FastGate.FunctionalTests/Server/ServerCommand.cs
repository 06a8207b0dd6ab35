using System.Diagnostics;
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

    /// <summary>Runs a command to its end, with a closed standard input.</summary>
    public static async Task<ServerCommand> RunAsync(string workingDirectory, params string[] words)
    {
        string[] command = [.. RepositoryPaths.ServerCommand(), .. words];
        using Process process = ExternalProgram.Start(command[0], command.Skip(1), workingDirectory);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline.Program);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ServerCommand(process.ExitCode, await output, await errors);
    }
}
