using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FastGate.Testing;

/// <summary>
/// CPU time of the calling thread in nanoseconds, which other processes on a shared machine hardly change. On platforms other than 64-bit Linux it
/// is elapsed time.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    private static readonly bool s_hasCpuTime = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    public static long NowNs => s_hasCpuTime ? CpuTime() : Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    /// <summary>CPU time of all threads with this name in nanoseconds; null when the kernel does not report it.</summary>
    [SupportedOSPlatform("linux")]
    public static long? SpentBy(string threadName)
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            return null;
        }

        long? spent = null;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(task, "comm")).Trim() == threadName)
                {
                    spent = (spent ?? 0) + long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return spent;
    }

    private static long CpuTime()
    {
        _ = GetTime(ThreadCpuTime, out TimeSpecification time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
