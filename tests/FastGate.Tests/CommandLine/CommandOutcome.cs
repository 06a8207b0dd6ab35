using FastGate.CommandLine;
using FastGate.CommandLine.Parsing;

namespace FastGate.Tests.CommandLine;

/// <summary>What a command did in this process.</summary>
internal sealed record CommandOutcome(int ExitCode, string Output, string Error)
{
    public static async Task<CommandOutcome> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        (string[] settings, string[] words) = SettingArguments.Split(args);
        int code = await GatewayCommandLine.RunAsync(settings, words, output, error);
        return new CommandOutcome(code, output.ToString(), error.ToString());
    }
}
