using System.Globalization;

namespace FastGate.LoadTest.Measure;

/// <summary>Where the kernel lets processes run. The runtime's own count is that of one process, which the user may have pinned beside the other.</summary>
internal static class AllowedProcessors
{
    /// <summary>Processors that at least one of the processes may use; one that is unknown or gone adds none.</summary>
    public static int CountOf(params ReadOnlySpan<int> processIds)
    {
        HashSet<int> union = [];
        foreach (int processId in processIds)
        {
            union.UnionWith(Of(processId));
        }

        return Math.Max(union.Count, 1);
    }

    /// <summary>Those of the machine, whoever may use them.</summary>
    public static int CountOnline()
    {
        try
        {
            return ReadList(File.ReadAllText("/sys/devices/system/cpu/online")).Count;
        }
        catch (IOException)
        {
            return Environment.ProcessorCount;
        }
    }

    private static IReadOnlyCollection<int> Of(int processId)
    {
        try
        {
            return processId <= 0 ? [] : ReadStatus(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status")));
        }
        catch (IOException)
        {
            return [];
        }
    }

    internal static IReadOnlyCollection<int> ReadStatus(string status)
    {
        const string Field = "Cpus_allowed_list:";
        foreach (ReadOnlySpan<char> line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Field, StringComparison.Ordinal))
            {
                return ReadList(line[Field.Length..].ToString());
            }
        }

        return [];
    }

    /// <summary>"0-3,7".</summary>
    internal static IReadOnlyCollection<int> ReadList(string text)
    {
        HashSet<int> processors = [];
        foreach (string range in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            int last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            processors.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return processors;
    }
}
