namespace FastGate.Tests;

/// <summary>Rules for every source file of the repository.</summary>
public sealed class SourceRuleTests
{
    private const int MaxLines = 300;

    /// <summary>Files above the limit. Entries may be removed and never added.</summary>
    private static readonly string[] s_longFiles =
    [
        "perf/FastGate.LoadTest/Load/DriverLoop.cs",
        "src/FastGate.Protocol/Messages/JsonScanner.cs",
        "src/FastGate.Transport/Loops/LoopPipeReader.Slow.cs",
        "src/FastGate.Transport/Sockets/SocketsTransport.cs",
        "src/FastGate/Configuration/Xiaozhi/XiaozhiConfigReader.cs",
        "src/FastGate/Conversation/Workers/ConversationWorkers.cs",
        "src/FastGate/Llm/Catalog/LlmCatalog.cs",
        "src/FastGate/Memory/Summaries/MemorySummarizer.cs",
        "tests/FastGate.Protocol.Tests/Identity/DeviceIdentityTests.cs",
        "tests/FastGate.Tests/Configuration/XiaozhiConfigTests.cs",
        "tests/FastGate.Tests/Conversation/ConversationWorkersTests.cs",
        "tests/FastGate.Tests/Conversation/DialogueTests.cs",
        "tests/FastGate.Tests/Llm/LlmCallTests.cs",
        "tests/FastGate.Tests/Llm/ProviderTests.cs",
        "tests/FastGate.Tests/Memory/MemoryWriterTests.cs",
        "tests/FastGate.Tests/Memory/Summaries/MemorySummarizerTests.cs",
        "tests/FastGate.Tests/Transport/TransportTests.cs",
    ];

    [Fact]
    public void A_namespace_is_its_folder()
    {
        List<string> violations = [];
        foreach (string file in SourceFiles())
        {
            string relative = SourceTree.Relative(file);
            string folder = string.Join('.', relative.Split('/')[1..^1]);
            string? declared = SourceTree.DeclaredNamespace(File.ReadAllText(file));
            if (declared is not null && declared != folder)
            {
                violations.Add($"{relative} declares {declared}");
            }
        }

        Assert.Empty(violations);
    }

    [Fact]
    public void No_file_is_longer_than_300_lines_except_those_listed() =>
        Assert.Equal(s_longFiles.Order(StringComparer.Ordinal), SourceFiles()
            .Where(static file => File.ReadLines(file).Count() > MaxLines)
            .Select(SourceTree.Relative)
            .Order(StringComparer.Ordinal));

    private static IEnumerable<string> SourceFiles() => ((string[])["src", "tests", "perf"]).SelectMany(SourceTree.Files);
}
