using System.Text.Json;

namespace FastGate.CommandLine.Output;

/// <summary>An explanation for a person: what happened, what to change, and one line for each record behind it.</summary>
internal static class ExplanationText
{
    private static readonly (string Title, string Path)[] s_facts =
        [("cause", "summary"), ("detail", "detail"), ("remedy", "remedy"), ("connected since", "connectedSince"), ("node", "node"), ("connected devices", "connectedDevices"), ("similar ids", "similar"), ("records", "reasons")];

    public static void Write(TextWriter output, JsonElement explanation)
    {
        string at = JsonText.Find(explanation, "at") is { } time ? $" ({JsonText.Time(time)})" : "";
        output.WriteLine(TerminalText.Safe($"{JsonText.Text(explanation, "subject")}: {JsonText.Text(explanation, "verdict")}{at}"));
        foreach ((string title, string path) in s_facts)
        {
            if (JsonText.Find(explanation, path) is { } value && TextOf(value) is not ("" or "0") and var text)
            {
                output.WriteLine(TerminalText.Safe($"  {title}: {text}"));
            }
        }

        if (JsonText.Find(explanation, "records") is not { ValueKind: JsonValueKind.Array } records || records.GetArrayLength() == 0)
        {
            return;
        }

        bool isOwn = JsonText.Find(explanation, "reasons") is { ValueKind: JsonValueKind.Object } reasons && reasons.EnumerateObject().Any();
        if (!isOwn)
        {
            output.WriteLine("  newest connections without a device id:");
        }

        foreach (JsonElement record in records.EnumerateArray())
        {
            output.WriteLine(TerminalText.Safe($"    {LineOf(record)}"));
        }
    }

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && JsonText.Text(value, DocumentText.Language) is { } local ? local : JsonText.Time(value);

    /// <summary>Time, reason, address, device, request and detail of a record, as far as it has them.</summary>
    private static string LineOf(JsonElement record)
    {
        string line = $"{(JsonText.Find(record, "at") is { } at ? JsonText.Time(at) : "")} {JsonText.Text(record, "reason")}";
        foreach ((string before, string path) in ((string, string)[])[(" from ", "remoteAddress"), (", device ", "deviceId"), (", target ", "target"), (", status ", "status"), (": ", "detail")])
        {
            string text = JsonText.Find(record, path) is { } value ? JsonText.Plain(value) : "";
            line += text is "" or "0" ? "" : before + text;
        }

        return line;
    }
}
