using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>The counters that acts move: what has changed since the snapshot.</summary>
public sealed partial class MetricChanges
{
    private static readonly string[] s_families =
        ["fastgate_admin_acts_total", "fastgate_connections_ended_total", "fastgate_commands_ended_total", "fastgate_drain_refused_total", "fastgate_fleet_banned_total"];

    private readonly GatewayProcess _gateway;
    private readonly Dictionary<string, double> _before;

    private MetricChanges(GatewayProcess gateway, Dictionary<string, double> before) => (_gateway, _before) = (gateway, before);

    public static async Task<MetricChanges> BeginAsync(GatewayProcess gateway) => new(gateway, await ReadAsync(gateway));

    /// <summary>Waits until exactly these series have changed, each as "name tag=value by change"; a counter may follow what it counts.</summary>
    public async Task AssertAsync(params string[] expected)
    {
        string wanted = string.Join('\n', expected.Order(StringComparer.Ordinal));
        await Eventually.ValueAsync(ChangedAsync, changed => changed == wanted);
    }

    private async Task<string> ChangedAsync()
    {
        Dictionary<string, double> now = await ReadAsync(_gateway);
        return string.Join('\n', now
            .Select(series => (series.Key, By: series.Value - _before.GetValueOrDefault(series.Key)))
            .Where(static series => series.By != 0)
            .Select(static series => string.Create(CultureInfo.InvariantCulture, $"{series.Key} by {series.By}"))
            .Order(StringComparer.Ordinal));
    }

    private static async Task<Dictionary<string, double>> ReadAsync(GatewayProcess gateway)
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        string text = await http.GetStringAsync(gateway.AdminUri("/metrics"));
        return Series().Matches(text)
            .Where(static match => s_families.Contains(match.Groups[1].Value))
            .ToDictionary(
                static match => string.Join(' ', [match.Groups[1].Value, .. Tag().Matches(match.Groups[2].Value).Where(static tag => !tag.Groups[1].Value.StartsWith("otel_", StringComparison.Ordinal)).Select(static tag => $"{tag.Groups[1]}={tag.Groups[2]}")]),
                static match => double.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^(\w+)(?:\{([^}]*)\})? (\S+)", RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex(@"(\w+)=""([^""]*)""")]
    private static partial Regex Tag();
}
