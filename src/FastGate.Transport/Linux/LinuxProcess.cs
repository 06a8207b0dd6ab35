using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>What the process may open and has open.</summary>
internal static unsafe partial class LinuxProcess
{
    private const int NumberOfFiles = 7;

    /// <summary>struct statx</summary>
    private const int StatusSize = 256;

    private const int SizeOffset = 40;
    private const uint SizeWanted = 0x200;

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

    /// <summary>
    /// The number of open files, with the one that a count of them needs. Linux 6.2 and later keep it as the size of the directory; reading 15,000
    /// entries of older ones takes 30 ms, in which the devices of a restarted server wait.
    /// </summary>
    public static int CountOpenFiles()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        byte* status = stackalloc byte[StatusSize];
        ulong size = 0;
        try
        {
            fixed (byte* path = "/proc/self/fd\0"u8)
            {
                size = Status(-1, path, 0, SizeWanted, status) == 0 ? *(ulong*)(status + SizeOffset) : 0;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library before 2018.
        }

        return size > 0 ? (int)size + 1 : Directory.GetFileSystemEntries("/proc/self/fd").Length;
    }

    /// <summary>The number of the next descriptor; the given one when there is none.</summary>
    public static int LowestFreeDescriptor(int none)
    {
        int descriptor = LinuxEpoll.CreateEvent();
        if (descriptor < 0)
        {
            return none;
        }

        LinuxSocket.Close(descriptor);
        return descriptor;
    }

    /// <summary>Not among the functions that the loops need: older C libraries have none.</summary>
    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Status(int directory, byte* path, int flags, uint mask, byte* status);
}
