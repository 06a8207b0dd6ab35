namespace FastGate.CommandLine.Failures;

/// <summary>Ends a command: the message goes to standard error, the code becomes the exit code.</summary>
internal sealed class CommandFailedException(int exitCode, string message, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
