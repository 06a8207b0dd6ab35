using FastGate.Configuration.Loading;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Xiaozhi;
using FastGate.Tests.Contract;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace FastGate.Tests.Configuration;

/// <summary>
/// Configurations in the style of published ones, each with what must become of it: the keys, the warnings with their lines, and why it is refused.
/// A file <c>NAME.above.yaml</c> is the override file. FASTGATE_UPDATE_GOLDEN=1 writes the expectations anew.
/// </summary>
public sealed class CorpusTests
{
    private static readonly string s_folder = Path.Combine(SourceTree.Root, "tests/FastGate.Tests/Configuration/Corpus");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(s_folder, "*.yaml").Select(static path => Path.GetFileNameWithoutExtension(path)!).Where(static name => !name.Contains('.')).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_configuration_is_understood_as_expected(string name)
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-corpus-").FullName;
        try
        {
            string config = Path.Combine(folder, "config.yaml");
            File.Copy(Path.Combine(s_folder, $"{name}.yaml"), config);
            if (File.Exists(Path.Combine(s_folder, $"{name}.above.yaml")))
            {
                Directory.CreateDirectory(Path.Combine(folder, "data"));
                File.Copy(Path.Combine(s_folder, $"{name}.above.yaml"), Path.Combine(folder, "data/.config.yaml"));
            }

            var source = new MemoryConfigurationSource { InitialData = [KeyValuePair.Create("FastGate:Config", (string?)"config.yaml")] };
            GoldenFile.AssertSame(Path.Combine(s_folder, $"{name}.expected.txt"), Outcome([source], folder).Select(line => line.Replace(folder + "/", "", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_corpus_has_at_least_thirty_configurations() => Assert.True(Names.Count >= 30);

    private static List<string> Outcome(IReadOnlyList<IConfigurationSource> sources, string folder)
    {
        var reader = new ConfigurationReader(sources, folder);
        bool starts = reader.Read(out IReadOnlyList<string> failures) is not null;
        return
        [
            starts ? "starts" : "refused",
            .. failures.Select(static failure => $"error: {failure.ReplaceLineEndings("\\n")}"),
            .. reader.Keys.Where(static key => key.Key != "Config").OrderBy(static key => key.Key, StringComparer.Ordinal).Select(static key => $"key: {key.Key} = {Shown(key.Value!)}"),
            .. reader.Notes.Distinct().OrderBy(static note => note.File, StringComparer.Ordinal).ThenBy(static note => note.Line)
                .Select(static (ConfigurationNote note) => $"warning: {Path.GetFileName(note.File)} line {note.Line}: {note.Text}"),
            .. (reader.Llm?.Warnings ?? []).Select(static warning => $"warning: {warning}"),
            .. reader.Ignored.OrderBy(static ignored => ignored.File, StringComparer.Ordinal).ThenBy(static ignored => ignored.Line)
                .Select(static (XiaozhiIgnored ignored) => $"{(ignored.Lost is string lost ? $"lost ({lost})" : "ignored")}: {Path.GetFileName(ignored.File)} line {ignored.Line}: {ignored.Path}"),
        ];
    }

    private static string Shown(string value) => (value.Length > 100 ? $"{value[..100]}... ({value.Length} characters)" : value).ReplaceLineEndings("\\n");
}
