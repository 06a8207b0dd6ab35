using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastGate.LoadTest.Reports;

/// <summary>The report for programs.</summary>
internal static class JsonReport
{
    internal static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(RunReport report) => JsonSerializer.Serialize(report, Options) + "\n";
}
