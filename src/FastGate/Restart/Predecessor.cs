using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.Restart;

/// <summary>
/// The process we were started to replace. It still drains: it says goodbye to its devices and writes what was said to disk. We wait for
/// its end before we bind, so that both are never at the same ports or at the same database.
/// </summary>
internal static partial class Predecessor
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Waits until the predecessor has gone, or until <paramref name="stop"/> completes: who is to stop need not wait to start. False when it
    /// was still there at the limit. True at once when there is none.
    /// </summary>
    /// <remarks>It is our parent: when it ends we are given another one, which no reuse of its process id can hide.</remarks>
    public static async Task<bool> WaitForEndAsync(TimeSpan limit, Task stop)
    {
        var named = Environment.GetEnvironmentVariable(Successor.PredecessorVariable);
        Environment.SetEnvironmentVariable(Successor.PredecessorVariable, null);
        if (!int.TryParse(named, CultureInfo.InvariantCulture, out var processId) || !OperatingSystem.IsLinux())
        {
            return true;
        }

        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (GetParentProcessId() == processId && !stop.IsCompleted)
        {
            if (Environment.TickCount64 > deadline)
            {
                return false;
            }

            await Task.Delay(s_pollEvery);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcessId();
}
