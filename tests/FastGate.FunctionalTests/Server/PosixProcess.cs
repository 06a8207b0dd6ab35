using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.FunctionalTests.Server;

/// <summary>Signals and <c>/proc</c>, by process id.</summary>
public static partial class PosixProcess
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const nint DefaultAction = 0;

    public static void Signal(int processId, int signal)
    {
        if (kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Whoever runs the tests in a shell's background has them, and all that they start, ignore Ctrl+C: programs keep that as they find it. A test
    /// that presses it calls this before it starts the program.
    /// </summary>
    public static void HearInterrupt()
    {
        string line = File.ReadLines("/proc/self/status").First(static text => text.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        // Not where the runtime has its own handler, which this would take away.
        if ((ignored & (1UL << (SigInt - 1))) != 0)
        {
            _ = signal(SigInt, DefaultAction);
        }
    }

    /// <summary>Resident bytes, from <c>VmRSS</c>.</summary>
    public static long ResidentBytes(int processId) => StatusOf(processId, "VmRSS:") * 1024;

    /// <summary>What the processor has done for it so far, in its own code and in the kernel.</summary>
    public static TimeSpan ProcessorTime(int processId)
    {
        using var process = System.Diagnostics.Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }

    public static int Threads(int processId) => (int)StatusOf(processId, "Threads:");

    public static int OpenDescriptors(int processId) => Directory.GetFileSystemEntries($"/proc/{processId}/fd").Length;

    /// <summary>What the open descriptors lead to, without those that closed during the look.</summary>
    public static IReadOnlyList<string> Descriptors(int processId)
    {
        List<string> targets = [];
        foreach (string link in Directory.GetFileSystemEntries($"/proc/{processId}/fd"))
        {
            try
            {
                targets.Add(new FileInfo(link).LinkTarget ?? "");
            }
            catch (IOException)
            {
                // Closed between the listing and the look.
            }
        }

        return targets;
    }

    /// <summary>Ids of the processes whose command line holds the text.</summary>
    public static IReadOnlyList<int> FindByCommandLine(string text)
    {
        List<int> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                continue;
            }

            try
            {
                if (File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(text, StringComparison.Ordinal))
                {
                    found.Add(id);
                }
            }
            catch (IOException)
            {
                // It ended between the listing and the look.
            }
        }

        return found;
    }

    private static long StatusOf(int processId, string key)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(text => text.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}
