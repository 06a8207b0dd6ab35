using System.Globalization;
using System.Text.Json;
using FastGate.CommandLine.Output;

namespace FastGate.CommandLine.Commands;

/// <summary>Overviews as rows. Counters become rates by the difference to the overview before; belongs to one reader.</summary>
internal sealed class OverviewRows
{
    private const double LeastSeconds = 0.1;

    private readonly Dictionary<string, double> _counted = [];
    private DateTimeOffset? _at;

    /// <summary>The rows of the newest overview. The first has no rates; what an overview does not have is left out.</summary>
    public IReadOnlyList<LiveRow> Next(JsonElement overview)
    {
        DateTimeOffset? at = JsonText.Find(overview, "at") is { ValueKind: JsonValueKind.String } text && text.TryGetDateTimeOffset(out DateTimeOffset time) ? time : null;
        double seconds = (at - _at)?.TotalSeconds ?? 0;
        _at = at;
        List<LiveRow> rows = [];
        AddNumber(rows, overview, "devices", "devices");
        AddNumber(rows, overview, "open connections", "open");
        AddRate(rows, "connects", Count(overview, "connects"), seconds);
        AddRate(rows, "ends", Sum(overview, "ends"), seconds);
        AddRate(rows, "turns", Sum(overview, "turns"), seconds);
        if (Items(overview, "loops").Select(static loop => Count(loop, "busy")).Max() is { } busiest)
        {
            rows.Add(new LiveRow("busiest loop", busiest.ToString("0.0 %", CultureInfo.InvariantCulture), busiest));
        }

        AddBytes(rows, overview, "resident memory", "memory.residentBytes");
        AddBytes(rows, overview, "managed memory", "memory.managedBytes");
        if (JsonText.Find(overview, "uptimeSeconds") is { } uptime)
        {
            rows.Add(new LiveRow("up for", JsonText.Seconds(uptime)));
        }

        foreach (JsonElement stage in Items(overview, "stages"))
        {
            double mean = JsonText.Number(stage, "meanMs");
            rows.Add(new LiveRow($"stage {Text(stage, "name")}", mean.ToString("0.0 ms", CultureInfo.InvariantCulture), mean));
        }

        foreach (JsonElement provider in Items(overview, "llm"))
        {
            rows.Add(new LiveRow($"llm {Text(provider, "name")}", $"{(Text(provider, "model") is { Length: > 0 } model ? $"{model}, " : "")}breaker {Text(provider, "breaker")}, {Shown(JsonText.Number(provider, "inFlight"))} in flight"));
        }

        if (JsonText.Find(overview, "ends") is { ValueKind: JsonValueKind.Object } ends)
        {
            rows.AddRange(ends.EnumerateObject().Where(static end => end.Value.ValueKind == JsonValueKind.Number && end.Value.GetDouble() > 0)
                .OrderByDescending(static end => end.Value.GetDouble())
                .Select(static end => new LiveRow($"ended {TerminalText.Safe(end.Name)}", Shown(end.Value.GetDouble()), end.Value.GetDouble())));
        }

        return rows;
    }

    private static void AddNumber(List<LiveRow> rows, JsonElement overview, string name, string path)
    {
        if (JsonText.Find(overview, path) is { ValueKind: JsonValueKind.Number } number)
        {
            rows.Add(new LiveRow(name, Shown(number.GetDouble()), number.GetDouble()));
        }
    }

    private static void AddBytes(List<LiveRow> rows, JsonElement overview, string name, string path)
    {
        if (JsonText.Find(overview, path) is { ValueKind: JsonValueKind.Number } bytes)
        {
            rows.Add(new LiveRow(name, JsonText.Bytes(bytes), bytes.GetDouble()));
        }
    }

    private void AddRate(List<LiveRow> rows, string name, double? counted, double seconds)
    {
        if (Rate(name, counted, seconds) is { } rate)
        {
            rows.Add(new LiveRow($"{name} a second", rate.ToString("#,0.0", CultureInfo.InvariantCulture), rate));
        }
    }

    /// <summary>A server that has restarted counts from 0: the difference is then no rate.</summary>
    private double? Rate(string name, double? counted, double seconds)
    {
        if (counted is not { } now)
        {
            return null;
        }

        double? rate = seconds >= LeastSeconds && _counted.TryGetValue(name, out double before) && now >= before ? (now - before) / seconds : null;
        _counted[name] = now;
        return rate;
    }

    private static double? Count(JsonElement item, string name) => JsonText.Find(item, name) is { ValueKind: JsonValueKind.Number } count ? count.GetDouble() : null;

    private static double? Sum(JsonElement overview, string name) => JsonText.Find(overview, name) is { ValueKind: JsonValueKind.Object } counts
        ? counts.EnumerateObject().Sum(static count => count.Value.ValueKind == JsonValueKind.Number ? count.Value.GetDouble() : 0)
        : null;

    private static JsonElement[] Items(JsonElement overview, string name) =>
        JsonText.Find(overview, name) is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : [];

    private static string Text(JsonElement item, string name) => TerminalText.Safe(JsonText.Text(item, name) ?? "");

    private static string Shown(double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);
}
