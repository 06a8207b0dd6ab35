using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FastGate.CommandLine.Output;

/// <summary>
/// Standard output as a pipe that reports its end. The console's writer ignores that the reader has left, so that a command which never ends by itself would
/// run on behind <c>head</c>.
/// </summary>
internal static class PipeOutput
{
    private const int StandardOutput = 1;
    private const int BrokenPipe = 32;

    /// <summary>The console's writer for a terminal or a file.</summary>
    public static TextWriter Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.Out;
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.Out : new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Standard output is closed or cannot be written.
            return Console.Out;
        }
    }

    /// <summary>Whether the reader of a pipe has left.</summary>
    public static bool IsBroken(Exception exception) => !OperatingSystem.IsWindows() && exception is IOException { HResult: BrokenPipe };
}
