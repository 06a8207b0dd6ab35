using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FastGate.Million;

/// <summary>Writes the ledger to the terminal and as JSON.</summary>
internal sealed class LedgerReport(TextWriter output)
{
    private const double MostBytes = 1536;
    private const double MostGrowth = 0.20;

    /// <summary>A smaller fleet fits into the processor's caches, so its times do not compare with larger fleets.</summary>
    private const int BeyondCaches = 10_000;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>True when a goal is missed.</summary>
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
        foreach (LedgerLine line in result.Lines)
        {
            Line($"    {line.Bytes,8:F1}  {line.Type}{(line.Alive ? "" : "  (the transport's: by layout, not alive here)")}");
        }

        Line($"    {result.OwnBytes,8:F1}  all of the project's own; on the event loops, which have no state machine, {result.LoopBytes:F1}");
        Line($"  measured growth of the heap: {result.MeasuredBytes:F1} B a device, of which the types above explain {result.AliveBytes:F1} B;");
        Line($"    the doubles that stand in for sockets: {result.DoubleBytes:F1} B; left when all have gone: {result.LeftBytes:N0} B in all;");
        Line($"    resident: {result.ResidentBytes >> 20:N0} MiB");
        Line($"  a connection (accept to 101 and registered): {Text(result.ConnectNs)} ns; hello and its answer: {Text(result.HelloNs)} ns");
        Line($"  a ping and its pong: in order {Text(result.PingNs)} ns, in no order {Text(result.ShuffledPingNs)} ns");
        Line($"  a sweep of pings over the fleet: {Text(Sweep(result.PingNs))} ms in order, {Text(Sweep(result.ShuffledPingNs))} ms in no order");
        Line($"  a registry find (id written and looked up): 1,024 devices {Text(result.HotFindNs)} ns, any device {Text(result.ShuffledFindNs)} ns");
        Spread Sweep(Spread ping) => new(ping.Median * result.Devices / 1e6, ping.Least * result.Devices / 1e6, ping.Most * result.Devices / 1e6);
        Line($"  the wheel: a tick with all armed, none due and its share come round {Text(result.TickUs)} us, a deadline that moved away filed anew {Text(result.RefileNs)} ns");
    }

    /// <summary>
    /// Judges memory and the one time that can be constant: a sweep in order, whose memory the processor prefetches. Every other time grows
    /// with the cache misses of a larger fleet; its growth is reported and not judged.
    /// </summary>
    public void WriteVerdict(IReadOnlyList<FleetResult> results)
    {
        Line($"");
        FleetResult largest = results.MaxBy(static result => result.Devices)!;
        FleetResult own = results.MaxBy(static result => result.OwnBytes)!;
        Judge(own.OwnBytes <= MostBytes, $"own bytes a device, at {own.Devices:N0}: {own.OwnBytes:F0}, at most {MostBytes:F0}");
        JudgeFlat("measured bytes a device", results, static result => result.MeasuredBytes);
        JudgeFlat("own bytes a device, by type", results, static result => result.OwnBytes);
        List<FleetResult> large = [.. results.Where(static result => result.Devices >= BeyondCaches)];
        if (large.Count > 0)
        {
            JudgeFlat("a ping and its pong in a sweep in order, the least of the rounds", large, static result => result.PingNs.Least);
        }

        Tell("a ping and its pong in no order", "the objects of a device chosen by chance are in no cache", static result => result.ShuffledPingNs);
        Tell("a registry find, any device", "slot, entry and id of a device chosen by chance are in no cache", static result => result.ShuffledFindNs);
        Tell("a registry find, 1,024 devices", "their slots lie on ever more pages of a larger table", static result => result.HotFindNs);
        Tell("accept to registered", "a new device's slot of the registry is in no cache, and a collection meets all who are there", static result => result.ConnectNs);
        Tell("hello and its answer", "its objects have left the caches since accept when many arrive", static result => result.HelloNs);
        Tell("a deadline filed anew", "the entry, its deadline and its neighbours' links lie in objects that are in no cache", static result => result.RefileNs);
        Tell("a tick of the wheel", "a tick meets its share of all entries, so it grows with the fleet", static result => result.TickUs);

        // Over all sizes, so that a rise in the middle counts too.
        void JudgeFlat(string what, IReadOnlyList<FleetResult> fleets, Func<FleetResult, double> cost)
        {
            (FleetResult? least, FleetResult? most) = (fleets.MinBy(cost)!, fleets.MaxBy(cost)!);
            double growth = (cost(most) / cost(least)) - 1;
            Judge(
                growth <= MostGrowth,
                $"{what}: least {cost(least):F0} at {least.Devices:N0} devices, most {cost(most):F0} at {most.Devices:N0}: {growth:+0.0%;-0.0%}, at most +20%");
        }

        void Tell(string what, string why, Func<FleetResult, Spread?> cost)
        {
            if (results.All(result => cost(result) is not null) && results.Count > 1)
            {
                double growth = results.Max(result => cost(result)!.Median) / results.Min(result => cost(result)!.Median);
                Line($"reported: {what}: {growth:F1} times from the least to the most of the fleets up to {largest.Devices:N0}; {why}");
            }
        }
    }

    public static void WriteJson(IReadOnlyList<FleetResult> results, FileInfo file)
    {
        using FileStream stream = file.Create();
        JsonSerializer.Serialize(stream, results, s_json);
    }

    private void Judge(bool reached, FormattableString what)
    {
        Missed |= !reached;
        output.WriteLine((reached ? "reached: " : "MISSED:  ") + what.ToString(CultureInfo.InvariantCulture));
    }

    private void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Text(Spread? spread) => spread is null ? "unknown"
        : string.Create(CultureInfo.InvariantCulture, $"{Number(spread.Median)} ({Number(spread.Least)}-{Number(spread.Most)})");

    /// <summary>Three significant digits, and all digits before the point.</summary>
    private static string Number(double value) => value.ToString(value < 10 ? "F2" : value < 100 ? "F1" : "N0", CultureInfo.InvariantCulture);
}
