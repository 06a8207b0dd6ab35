using System.Globalization;

namespace FastGate.Limits;

/// <summary>
/// The used share of the memory that this process may have: of the container's limit (cgroup version 2 or 1), else of what the garbage collector may use.
/// </summary>
internal sealed class ContainerMemory(string root = "/sys/fs/cgroup")
{
    /// <summary>Version 1 reports a number near the largest when there is no limit.</summary>
    private const long NoLimit = 1L << 60;

    public double UsedShare() => ShareOfContainer() ?? ShareOfCollector();

    /// <summary>Null without a limit. Page cache that the kernel would give back first does not count as used.</summary>
    public double? ShareOfContainer() =>
        Share("memory.max", "memory.current", "memory.stat", "inactive_file ")
        ?? Share("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file ");

    /// <summary>The collector reports what it reserved at the last collection, and nothing before the first; so what is allocated now counts when it is more.</summary>
    private static double ShareOfCollector()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        long used = Math.Max(info.TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false));
        return info.TotalAvailableMemoryBytes > 0 ? (double)used / info.TotalAvailableMemoryBytes : 0;
    }

    private double? Share(string limitFile, string usedFile, string statFile, string cacheKey)
    {
        if (ReadNumber(limitFile) is not (> 0 and < NoLimit and { } limit) || ReadNumber(usedFile) is not { } used)
        {
            return null;
        }

        string? line = Read(statFile)?.Split('\n').FirstOrDefault(line => line.StartsWith(cacheKey, StringComparison.Ordinal));
        long cache = line is not null && long.TryParse(line.AsSpan(cacheKey.Length), CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
        return (double)Math.Max(0, used - cache) / limit;
    }

    /// <summary>Null when there is no such file, or it has the word max.</summary>
    private long? ReadNumber(string file) => long.TryParse(Read(file), CultureInfo.InvariantCulture, out long number) ? number : null;

    private string? Read(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
