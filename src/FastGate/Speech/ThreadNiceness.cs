using System.Runtime.InteropServices;

namespace FastGate.Speech;

/// <summary>The kernel's priority of a thread. The runtime's own thread priorities have no effect on Linux.</summary>
internal static partial class ThreadNiceness
{
    /// <summary>
    /// The calling thread gives way to the others: the pacer and the event loops must run when they are due; what this thread makes has time.
    /// Not for the threads that hear: on a busy machine their devices' packets would be dropped.
    /// </summary>
    public static void Lower()
    {
        const int Step = 5;
        if (OperatingSystem.IsLinux())
        {
            // On Linux it changes the calling thread only, and it is relative: the operator may have set the priority of the process.
            _ = Nice(Step);
        }
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int Nice(int increment);
}
