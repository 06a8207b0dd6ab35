using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart;

/// <summary>
/// The process that this one replaces. It is still draining, so this process waits for its end before it binds: both must never use the same
/// ports or the same database.
/// </summary>
internal static partial class Predecessor
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Reports readiness to the predecessor, if there is one, and waits for its end. Returns null when it has ended or <paramref name="stop"/>
    /// has completed, else the time after which the wait was given up.
    /// </summary>
    /// <remarks>The predecessor is the parent process. When it ends, the parent process id changes, even if its own id is reused.</remarks>
    public static async Task<TimeSpan?> WaitForEndAsync(Task stop)
    {
        string? named = Environment.GetEnvironmentVariable(PredecessorTicket.Variable);
        Environment.SetEnvironmentVariable(PredecessorTicket.Variable, null);
        if (!PredecessorTicket.TryParse(named, out PredecessorTicket ticket) || !OperatingSystem.IsLinux() || GetParentProcessId() != ticket.ProcessId)
        {
            return null;
        }

        ReportReady(ticket.ReadyDescriptor);
        long deadline = Environment.TickCount64 + (long)ticket.Timeout.TotalMilliseconds;
        while (GetParentProcessId() == ticket.ProcessId && !stop.IsCompleted)
        {
            if (Environment.TickCount64 > deadline)
            {
                return ticket.Timeout;
            }

            await Task.Delay(s_pollEvery);
        }

        return null;
    }

    /// <summary>Closes the descriptor. A failed write means that the predecessor has ended or is about to.</summary>
    private static void ReportReady(int descriptor)
    {
        using var ready = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Write(ready, [1], 1);
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcessId();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle descriptor, ReadOnlySpan<byte> data, nint length);
}
