using System.CommandLine;

namespace FastGate.CommandLine.Parsing;

/// <summary>What all commands of one start share: the settings of the command line, and the options that name the server and the form of the output.</summary>
internal sealed class CommandSetup(string[] settings)
{
    /// <summary>The arguments of the form <c>--FastGate:Key=value</c>.</summary>
    public string[] Settings { get; } = settings;

    public Option<string> Server { get; } = new("--server")
    {
        HelpName = "url",
        Description = "Admin listener of the server, as http://127.0.0.1:8002; otherwise the server that was started in this directory, otherwise Admin:Listen of the configuration.",
    };

    public Option<string> TokenFile { get; } = new("--token-file")
    {
        HelpName = "path",
        Description = "File that contains the token; otherwise FastGate__Admin__Token of the environment or Admin:Token of the configuration.",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Writes JSON: one document, or one line for each item of a list." };

    public Option<string> RequestId { get; } = new("--request-id")
    {
        HelpName = "id",
        Description = "Idempotency key of the act: repeating it with the same key does not act twice. Default: a random one.",
    };

    public Option<bool> Yes { get; } = new("--yes") { Description = "Does not ask for a confirmation. Required when the input is not a terminal." };

    /// <summary>Adds the options of a command that reads from a server.</summary>
    public GatewayCommand Reads(GatewayCommand command)
    {
        command.Options.Add(Server);
        command.Options.Add(TokenFile);
        command.Options.Add(Json);
        return command;
    }

    /// <summary>Adds the options of a command that changes something on a server.</summary>
    public GatewayCommand Acts(GatewayCommand command)
    {
        Reads(command).Options.Add(RequestId);
        return command;
    }

    /// <summary>Adds the options of an act that asks for a confirmation.</summary>
    public GatewayCommand Confirms(GatewayCommand command)
    {
        Acts(command).Options.Add(Yes);
        return command;
    }
}
