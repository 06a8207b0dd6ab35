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

    public static int CountOpenFiles() => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;
}
