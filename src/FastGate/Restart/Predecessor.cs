using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart;

/// <summary>
/// The process we were started to replace. It still drains: it says goodbye to its devices and writes what was said to disk. We wait for
/// its end before we bind, so that both are never at the same ports or at the same database.
/// </summary>
internal static partial class Predecessor
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Tells the predecessor that we wait, and waits until it has gone or <paramref name="stop"/> completes: who is to stop need not wait to
    /// start. Null, or how long was waited for one that is still there. Null at once when there is none.
    /// </summary>
    /// <remarks>It is our parent: when it ends we are given another one, which no reuse of its process id can hide.</remarks>
    public static async Task<TimeSpan?> WaitForEndAsync(Task stop)
    {
        string? named = Environment.GetEnvironmentVariable(PredecessorTicket.Variable);
        Environment.SetEnvironmentVariable(PredecessorTicket.Variable, null);
        if (!PredecessorTicket.TryParse(named, out PredecessorTicket ticket) || !OperatingSystem.IsLinux() || GetParentProcessId() != ticket.ProcessId)
        {
            return null;
        }

        SayReady(ticket.ReadyDescriptor);
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

    /// <summary>Afterwards the descriptor is closed. A predecessor that has stopped listening has ended, or is about to.</summary>
    private static void SayReady(int descriptor)
    {
        using var ready = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Write(ready, [1], 1);
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcessId();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle descriptor, ReadOnlySpan<byte> data, nint length);
}
