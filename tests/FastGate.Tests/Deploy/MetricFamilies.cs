namespace FastGate.Tests.Deploy;

/// <summary>The names of all metrics as Prometheus shows them, from the golden files of the instruments and of the page.</summary>
internal static class MetricFamilies
{
    private static readonly string[] s_histogramParts = ["_bucket", "_sum", "_count"];

    /// <summary>Every name that a query may use, also the parts of histograms.</summary>
    public static IReadOnlySet<string> Names { get; } = Read();

    private static HashSet<string> Read()
    {
        IEnumerable<string> instruments = File.ReadLines(Path.Combine(SourceTree.Root, "tests", "FastGate.Tests", "Contract", "instruments.txt")).SelectMany(NamesOf);
        IEnumerable<string> page = File.ReadLines(Path.Combine(SourceTree.Root, "tests", "FastGate.FunctionalTests", "Contract", "metric-families.txt"))
            .SelectMany(static line => Parts(line.Split(' ')[0], line.EndsWith(" histogram", StringComparison.Ordinal)));
        return [.. instruments, .. page];
    }

    /// <summary>A line is the instrument's name, its kind and its unit.</summary>
    private static IEnumerable<string> NamesOf(string line)
    {
        string[] words = line.Split(' ');
        string name = words[0].Replace('.', '_');
        string unit = words.ElementAtOrDefault(2) switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        bool isCounter = words[1] is "Counter" or "ObservableCounter";
        return Parts(name + unit + (isCounter ? "_total" : ""), words[1] == "Histogram");
    }

    private static IEnumerable<string> Parts(string name, bool isHistogram) => isHistogram ? s_histogramParts.Select(part => name + part) : [name];
}
