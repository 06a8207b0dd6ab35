using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;

namespace FastGate.CommandLine.Parsing;

/// <summary>The library's help, followed by the command's examples.</summary>
internal sealed class ExampleHelp(HelpAction help) : SynchronousCommandLineAction
{
    private const int Width = 120;

    /// <summary>The help is shown also where the arguments of its command are missing.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>Replaces the help of all commands. The text does not depend on the terminal's width.</summary>
    public static void AddTo(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        var help = (HelpAction)option.Action!;
        help.MaxWidth = Width;
        option.Action = new ExampleHelp(help);
    }

    public override int Invoke(ParseResult parseResult)
    {
        try
        {
            return Write(parseResult);
        }
        catch (IOException exception) when (PipeOutput.IsBroken(exception))
        {
            return ExitCode.ReaderLeft;
        }
    }

    private int Write(ParseResult parseResult)
    {
        int status = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is GatewayCommand { Examples.Count: > 0 } command)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in command.Examples)
            {
                output.WriteLine($"  FastGate {example}");
            }

            output.WriteLine();
        }

        return status;
    }
}
