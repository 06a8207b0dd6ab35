using System.Globalization;

namespace FastGate.LoadTest.Measure;

/// <summary>The processors that processes may use. The runtime's own count covers only this process, not a server pinned to others.</summary>
internal static class AllowedProcessors
{
    /// <summary>Number of processors that at least one of the processes may use. An unknown process adds none.</summary>
    public static int CountOf(params ReadOnlySpan<int> processIds)
    {
        HashSet<int> union = [];
        foreach (int processId in processIds)
        {
            union.UnionWith(Of(processId));
        }

        return Math.Max(union.Count, 1);
    }

    /// <summary>Number of processors of the machine.</summary>
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

    /// <summary>Processors that the process may use; none when it is unknown.</summary>
    public static IReadOnlyCollection<int> Of(int processId)
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

    /// <summary>Reads a list that a user wrote; false when it is not a list such as "0-3,7".</summary>
    public static bool TryReadList(string text, out IReadOnlyCollection<int> processors)
    {
        bool valid = text.Split(',').All(static range => range.Split('-') is { Length: 1 or 2 } ends
            && ends.All(static end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < 1024));
        processors = valid ? ReadList(text) : [];
        return processors.Count > 0;
    }

    /// <summary>Reads a list such as "0-3,7".</summary>
    internal static IReadOnlyCollection<int> ReadList(string text)
    {
        HashSet<int> processors = [];
        foreach (string range in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            int last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            processors.UnionWith(Enumerable.Range(first, Math.Max(last - first + 1, 0)));
        }

        return processors;
    }
}
