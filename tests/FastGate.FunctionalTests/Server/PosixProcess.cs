using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.FunctionalTests.Server;

/// <summary>Sends signals and reads <c>/proc</c>.</summary>
public static partial class PosixProcess
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const nint DefaultAction = 0;
    private const int NoSuchProcess = 3;

    public static void Signal(int processId, int signal)
    {
        if (!TrySignal(processId, signal))
        {
            throw new Win32Exception(NoSuchProcess);
        }
    }

    /// <summary>False when the process has ended.</summary>
    public static bool TrySignal(int processId, int signal)
    {
        if (kill(processId, signal) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error);
    }

    /// <summary>
    /// Restores the default action of SIGINT. A shell starts background jobs with SIGINT ignored, and child processes inherit that. A test that
    /// sends SIGINT calls this before it starts the process.
    /// </summary>
    public static void RestoreSigInt()
    {
        string line = File.ReadLines("/proc/self/status").First(static text => text.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        // Must not replace a handler that the runtime has installed.
        if ((ignored & (1UL << (SigInt - 1))) != 0)
        {
            _ = signal(SigInt, DefaultAction);
        }
    }

    /// <summary>Resident memory in bytes, from <c>VmRSS</c>.</summary>
    public static long ResidentBytes(int processId) => StatusOf(processId, "VmRSS:") * 1024;

    /// <summary>CPU time of the process, in user and kernel mode.</summary>
    public static TimeSpan ProcessorTime(int processId)
    {
        using var process = System.Diagnostics.Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }

    public static int Threads(int processId) => (int)StatusOf(processId, "Threads:");

    /// <summary>The id of the only thread with this name.</summary>
    public static int Thread(int processId, string name) =>
        int.Parse(
            Path.GetFileName(Directory.EnumerateDirectories($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/task")
                .Single(task => File.ReadAllText(Path.Combine(task, "comm")) == $"{name}\n")),
            CultureInfo.InvariantCulture);

    public static int OpenDescriptors(int processId) => Directory.GetFileSystemEntries($"/proc/{processId}/fd").Length;

    /// <summary>Returns the targets of the open descriptors. Skips descriptors that close meanwhile.</summary>
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
                // The descriptor was closed after the listing.
            }
        }

        return targets;
    }

    /// <summary>Returns the ids of the processes whose command line contains the text.</summary>
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
                // The process ended after the listing.
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
