using System.Globalization;

namespace FastGate.LoadTest.Measure;

/// <summary>CPU time and memory of a process at one instant, from <c>/proc</c>.</summary>
/// <param name="CpuSeconds">User and system time since its start.</param>
/// <param name="ResidentBytes">Resident memory.</param>
internal readonly record struct ProcessSample(double CpuSeconds, long ResidentBytes)
{
    /// <summary>Clock ticks per second in <c>/proc</c>; the same on all Linux systems.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Null when the process does not exist.</summary>
    public static ProcessSample? Take(int processId)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"));
            return new ProcessSample(ReadCpu(stat), ReadResident(status));
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal static double ReadCpu(string stat)
    {
        // The second field is the name in parentheses; the name may contain spaces and parentheses.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Parse(fields[11]) + Parse(fields[12])) / TicksPerSecond;
    }

    internal static long ReadResident(string status)
    {
        foreach (ReadOnlySpan<char> line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                return Parse(line["VmRSS:".Length..^"kB".Length].Trim()) * 1024;
            }
        }

        return 0;
    }

    private static long Parse(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);
}
