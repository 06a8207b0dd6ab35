using System.Runtime.InteropServices;

namespace FastGate.Speech.Playing;

/// <summary>The kernel's priority of a thread. The runtime's own thread priorities have no effect on Linux.</summary>
internal static partial class ThreadNiceness
{
    private const int PriorityOfProcess = 0;

    /// <summary>
    /// The calling thread gives way to the others: the pacer and the event loops must run when they are due, and what this thread makes is not due yet.
    /// </summary>
    public static void Lower()
    {
        const int Niceness = 5;
        if (OperatingSystem.IsLinux())
        {
            // On Linux 0 is the calling thread. A failure leaves the usual priority.
            _ = SetPriority(PriorityOfProcess, 0, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);
}
