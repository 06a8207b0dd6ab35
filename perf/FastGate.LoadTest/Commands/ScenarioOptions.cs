using System.CommandLine;

namespace FastGate.LoadTest.Commands;

/// <summary>The options of single scenarios, each with an example.</summary>
internal sealed class ScenarioOptions
{
    public Option<TimeSpan> KeepAlive { get; } = SharedOptions.Time("--keepalive", "Each device pings once so often, below the server's idle limit; 0 = silence. E.g. --keepalive 30s", TimeSpan.FromSeconds(60));

    public Option<TimeSpan> Speech { get; } = SharedOptions.Time("--speech", "How long the user speaks, in 60 ms frames. E.g. --speech 2400ms", TimeSpan.FromMilliseconds(1200));

    public Option<double> BargeIn { get; } = new("--barge-in") { Description = "Share of turns in which the user interrupts. E.g. --barge-in 0.25", DefaultValueFactory = _ => 0.1 };

    public Option<TimeSpan> LateAfter { get; } = SharedOptions.Time("--late-after", "A frame back later than this is late. E.g. --late-after 65ms", TimeSpan.FromMilliseconds(60));

    public Option<bool> UplinkOnly { get; } = new("--uplink-only") { Description = "The server is not in echo mode: frames go up only, a ping after every fiftieth shows the delay. E.g. --uplink-only" };

    public Option<TimeSpan> CutAfter { get; } = SharedOptions.Time("--cut-after", "When all connections are cut. E.g. --cut-after 3s", TimeSpan.FromSeconds(2));

    public Option<bool> CutByServer { get; } = new("--cut-by-server") { Description = "The server is restarted by hand meanwhile; the driver cuts nothing. E.g. --cut-by-server" };

    public Option<TimeSpan> Spread { get; } = SharedOptions.Time("--spread", "Devices spread their return over this time; 0 = all at once. E.g. --spread 5s", TimeSpan.Zero);

    public Option<TimeSpan> Retry { get; } = SharedOptions.Time("--retry", "Wait before another try. E.g. --retry 1s", TimeSpan.FromMilliseconds(500));

    public Option<int> Hostile { get; } = SharedOptions.Number("--hostile", "Hostile peers beside the devices, of twelve kinds in turn. E.g. --hostile 500", 100);
}
