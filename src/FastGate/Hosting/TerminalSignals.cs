using System.Runtime.InteropServices;

namespace FastGate.Hosting;

/// <summary>
/// A server started with <c>&amp;</c> shares its terminal with a shell, and access to the terminal from the background would stop the process.
/// With these two signals ignored, the access fails or succeeds instead.
/// </summary>
internal static partial class TerminalSignals
{
    private const int TerminalInput = 21;
    private const int TerminalOutput = 22;
    private const nint Ignore = 1;

    public static void IgnoreStops()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetHandler(TerminalInput, Ignore);
            _ = SetHandler(TerminalOutput, Ignore);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
