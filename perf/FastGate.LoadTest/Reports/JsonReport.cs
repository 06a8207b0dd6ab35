using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastGate.LoadTest.Reports;

/// <summary>The report for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(RunReport report) => JsonSerializer.Serialize(report, s_options) + "\n";
}
