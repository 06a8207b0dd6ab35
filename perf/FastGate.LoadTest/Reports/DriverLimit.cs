using System.Globalization;

namespace FastGate.LoadTest.Reports;

/// <summary>Decides whether the figures of a run show the driver instead of the server.</summary>
internal static class DriverLimit
{
    private const double BusyPercent = 85;
    private const double MachinePercent = 92;
    private const double LatenessMs = 1;

    /// <param name="busyPercent">The busiest driver thread.</param>
    /// <param name="latenessP99Ms">The driver's lateness.</param>
    /// <param name="judgedP99Ms">The judged latency.</param>
    /// <param name="togetherPercent">CPU of server and driver in percent of one core; the driver's alone when the server's is unknown.</param>
    /// <param name="cores">Processors that server or driver may run on.</param>
    public static IReadOnlyList<string> Find(double busyPercent, double latenessP99Ms, double judgedP99Ms, double togetherPercent, int cores)
    {
        List<string> why = [];
        if (busyPercent > BusyPercent)
        {
            why.Add(Format($"a driver thread was busy {busyPercent} % of the time: lower --rate or --devices, or use more --threads where the driver has more than one processor"));
        }

        if (latenessP99Ms > LatenessMs && latenessP99Ms > judgedP99Ms / 2)
        {
            why.Add(Format($"the driver itself was {latenessP99Ms} ms late (p99), more than half of the delay it measured (p99 {judgedP99Ms} ms): end other programs, give driver and server different processors (--server-processors), or raise --warm-up"));
        }

        if (togetherPercent > MachinePercent * cores)
        {
            why.Add(Format($"server and driver together used {togetherPercent} % of {cores * 100} % CPU and competed for processors: lower --rate or --devices, or run the driver on another machine"));
        }

        return why;
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
