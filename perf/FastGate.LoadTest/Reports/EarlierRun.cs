using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastGate.LoadTest.Reports;

/// <summary>Reads the JSON report of an earlier run.</summary>
internal static class EarlierRun
{
    /// <returns>Why the file cannot be used; null when <paramref name="report"/> is set.</returns>
    public static string? Read(string path, string scenario, out RunReport? report)
    {
        report = null;
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(path));
            JsonNode?[] found = [.. (root is JsonArray several ? several.AsEnumerable() : [root]).Where(run => run is JsonObject && run["scenario"]?.ToString() == scenario)];
            if (found.Length != 1)
            {
                return $"--compare '{path}' contains {found.Length} reports of {scenario}; one is needed.";
            }

            report = found[0].Deserialize<RunReport>(JsonReport.Options);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return $"--compare '{path}' is not a report: {exception.Message}";
        }
    }
}
