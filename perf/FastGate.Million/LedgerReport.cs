using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FastGate.Million;

/// <summary>Says it in a terminal, and in JSON.</summary>
internal sealed class LedgerReport(TextWriter output)
{
    private const double MostBytes = 1536;
    private const double MostDifference = 0.20;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>A goal was missed.</summary>
    public bool Missed { get; private set; }

    public void WriteMachine()
    {
        Line($"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
        Line($"{Environment.ProcessorCount} processors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20:N0} MiB");
        Line($"Times are CPU time of the thread that does it. Bytes are of the managed heap after full collections.");
    }

    public void Write(FleetResult result)
    {
        Line($"");
        Line($"{result.Devices:N0} devices, each upgraded, identified, registered, hello and pings answered");
        Line($"  bytes a device, by type:");
        foreach (var line in result.Lines)
        {
            Line($"    {line.Bytes,8:F1}  {line.Type}{(line.Alive ? "" : "  (the transport's: by layout, not alive here)")}");
        }

        Line($"    {result.OwnBytes,8:F1}  all of the project's own");
        Line($"  measured growth of the heap: {result.MeasuredBytes:F1} B a device, of which the types above explain {result.AliveBytes:F1} B;");
        Line($"    the doubles that stand in for sockets: {result.DoubleBytes:F1} B; left when all have gone: {result.LeftBytes:N0} B in all;");
        Line($"    resident: {result.ResidentBytes >> 20:N0} MiB");
        Line($"  a connection (accept to 101 and registered): {result.ConnectNs:F0} ns; hello and its answer: {result.HelloNs:F0} ns");
        Line($"  a ping and its pong: in order {Text(result.PingNs)} ns, in no order {Text(result.ShuffledPingNs)} ns");
        Line($"  a sweep of pings over the fleet: {result.PingNs.Median * result.Devices / 1e6:N1} ms in order, {result.ShuffledPingNs.Median * result.Devices / 1e6:N1} ms in no order");
        Line($"  a registry find (id written and looked up): 1,024 devices {Text(result.HotFindNs)} ns, any device {Text(result.ShuffledFindNs)} ns");
        Line($"  the wheel: a tick with all armed and none due {Text(result.TickUs)} us, a deadline that moved away filed anew {Text(result.RefileNs)} ns");
    }

    public void WriteVerdict(IReadOnlyList<FleetResult> results)
    {
        Line($"");
        var largest = results.MaxBy(static result => result.Devices)!;
        var smallest = results.MinBy(static result => result.Devices)!;
        var growth = (largest.MeasuredBytes / smallest.MeasuredBytes) - 1;
        Judge(largest.OwnBytes <= MostBytes, $"own bytes a device at {largest.Devices:N0}: {largest.OwnBytes:F0}, at most {MostBytes:F0}");
        Judge(Math.Abs(growth) <= MostDifference,
            $"bytes a device from {smallest.Devices:N0} to {largest.Devices:N0}: {growth:+0.0%;-0.0%}, at most 20% apart");
    }

    public static void WriteJson(IReadOnlyList<FleetResult> results, FileInfo file)
    {
        using var stream = file.Create();
        JsonSerializer.Serialize(stream, results, s_json);
    }

    private void Judge(bool reached, FormattableString what)
    {
        Missed |= !reached;
        output.WriteLine((reached ? "reached: " : "MISSED:  ") + what.ToString(CultureInfo.InvariantCulture));
    }

    private void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Text(Spread spread) =>
        string.Create(CultureInfo.InvariantCulture, $"{spread.Median:F0} ({spread.Least:F0}-{spread.Most:F0})");

    private static string Text(double? value) => value is { } known ? known.ToString("F1", CultureInfo.InvariantCulture) : "unknown";
}
