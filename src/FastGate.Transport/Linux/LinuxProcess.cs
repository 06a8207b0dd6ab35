using System.Globalization;

namespace FastGate.Transport.Linux;

/// <summary>What the process may open and has open.</summary>
internal static unsafe class LinuxProcess
{
    private const int NumberOfFiles = 7;

    /// <summary>The soft limit of open files; <see cref="int.MaxValue"/> where there is none or it is unknown.</summary>
    public static int OpenFileLimit()
    {
        nuint* softAndHard = stackalloc nuint[2];
        bool isKnown = OperatingSystem.IsLinux() && LibC.GetResourceLimit(NumberOfFiles, softAndHard) == 0;
        return isKnown ? (int)Math.Min(softAndHard[0], int.MaxValue) : int.MaxValue;
    }

    /// <summary>The kernel's folder of the calling thread; null where there is none.</summary>
    public static string? CurrentTask()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false) is { } task ? task.FullName : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How long the thread of a folder of <see cref="CurrentTask"/> has run on a processor; 0 where the kernel does not count it.</summary>
    public static TimeSpan ProcessorTime(string task)
    {
        try
        {
            // Nanoseconds on a processor, nanoseconds ready, and the number of time slices.
            ReadOnlySpan<char> times = File.ReadAllText(Path.Combine(task, "schedstat"));
            return long.TryParse(times[..Math.Max(0, times.IndexOf(' '))], NumberStyles.None, CultureInfo.InvariantCulture, out long nanoseconds)
                ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
                : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    public static int CountOpenFiles() => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;
}
