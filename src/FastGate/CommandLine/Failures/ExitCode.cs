namespace FastGate.CommandLine.Failures;

/// <summary>The exit codes of the commands, as docs/command-line.md lists them. Scripts depend on the numbers.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The server refused or the command failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No server answered.</summary>
    public const int NotReachable = 3;

    /// <summary>The token is missing or wrong, or its role does not allow the act.</summary>
    public const int NotPermitted = 4;

    /// <summary>The server does not know the device, ban, command or trace.</summary>
    public const int NotFound = 5;

    /// <summary>Ended by Ctrl-C: 128 and the number of the signal, as a shell reports it.</summary>
    public const int Interrupted = 130;

    /// <summary>The program that read the output has ended: 128 and the number of SIGPIPE, as a shell reports it.</summary>
    public const int ReaderLeft = 141;
}
