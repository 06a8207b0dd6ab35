using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FastGate.Testing;

/// <summary>
/// What the calling thread has spent of a processor, in nanoseconds: neighbours on a shared machine lengthen the time that something takes, but
/// hardly the time that it costs. Elsewhere than on 64-bit Linux it is the time that passes.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    private static readonly bool s_counts = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    public static long NowNs => s_counts ? CpuTime() : Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    /// <summary>What the kernel says all threads of that name have spent; null where it does not say.</summary>
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
                // The thread has ended meanwhile.
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
