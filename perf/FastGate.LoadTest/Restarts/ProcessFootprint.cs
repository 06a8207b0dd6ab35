using System.Globalization;
using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Restarts;

/// <summary>What a process holds, from <c>/proc</c>.</summary>
/// <param name="ResidentBytes">Resident memory.</param>
/// <param name="Sockets">Descriptors of sockets.</param>
/// <param name="Others">All other descriptors but those of assemblies, which the runtime loads when it needs them: they must not grow with restarts.</param>
/// <param name="Image">Differs after each <c>execve</c>: the address of the stack, which the kernel chooses at random.</param>
internal readonly record struct ProcessFootprint(long ResidentBytes, int Sockets, int Others, string Image)
{
    /// <summary>Number of the field in <c>stat</c>, counted from the state behind the name.</summary>
    private const int StackField = 25;

    /// <summary>Null when the process does not exist.</summary>
    public static ProcessFootprint? Take(int processId)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        try
        {
            string stat = File.ReadAllText(folder + "/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            (int sockets, int others) = CountDescriptors(folder + "/fd");
            return fields[0] == "Z" ? null
                : new ProcessFootprint(ProcessSample.ReadResident(File.ReadAllText(folder + "/status")), sockets, others, fields[StackField]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (int Sockets, int Others) CountDescriptors(string folder)
    {
        int sockets = 0;
        int others = 0;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries(folder))
        {
            // A descriptor may be closed meanwhile.
            string? target = new FileInfo(descriptor).LinkTarget;
            sockets += target is not null && target.StartsWith("socket:", StringComparison.Ordinal) ? 1 : 0;
            others += target is not null && !target.StartsWith("socket:", StringComparison.Ordinal) && !target.EndsWith(".dll", StringComparison.Ordinal) ? 1 : 0;
        }

        return (sockets, others);
    }
}
