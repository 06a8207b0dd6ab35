using System.Runtime.InteropServices;

namespace FastGate.LoadTest.Linux;

/// <summary>Sends signals to a process that this program has started.</summary>
internal static partial class Signals
{
    public const int User2 = 12;

    /// <exception cref="IOException">There is no such process.</exception>
    public static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new IOException($"Process {processId} cannot be signalled: errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
