using System.CommandLine;
using FastGate.LoadTest.Restarts;
using FastGate.LoadTest.Speech;

namespace FastGate.LoadTest.Commands;

/// <summary>The options of one scenario each, with an example.</summary>
internal sealed class ScenarioOptions
{
    public Option<TimeSpan> KeepAlive { get; } = SharedOptions.Time("--keepalive", "Interval between the pings of a device, below the server's idle timeout; 0 = no pings. E.g. --keepalive 30s", TimeSpan.FromSeconds(60));

    public Option<TimeSpan> Speech { get; } = SharedOptions.Time("--speech", "How long the user speaks. E.g. --speech 2400ms", TimeSpan.FromMilliseconds(1200));

    public Option<double> BargeIn { get; } = new("--barge-in") { Description = "Share of turns in which the user interrupts. E.g. --barge-in 0.25", DefaultValueFactory = _ => 0.1 };

    public Option<SpeakingMode> SpeechMode { get; } = new("--speech-mode") { Description = "How devices listen: auto, manual or realtime. E.g. --speech-mode manual", DefaultValueFactory = _ => SpeakingMode.Auto };

    public Option<double?> Noise { get; } = new("--noise") { Description = "Adds noise this many decibels below the words. E.g. --noise 15" };

    public Option<TimeSpan> LateFrame { get; } = SharedOptions.Time("--late-after", "A frame that comes later than this after it is due is late. E.g. --late-after 40ms", TimeSpan.FromMilliseconds(20));

    public Option<TimeSpan> LateAfter { get; } = SharedOptions.Time("--late-after", "A frame that returns later than this is late. E.g. --late-after 65ms", TimeSpan.FromMilliseconds(60));

    public Option<bool> UplinkOnly { get; } = new("--uplink-only") { Description = "For a server without echo mode: devices only send, and a ping after every 50th frame measures the delay. E.g. --uplink-only" };

    public Option<TimeSpan> CutAfter { get; } = SharedOptions.Time("--cut-after", "When all connections are dropped. E.g. --cut-after 3s", TimeSpan.FromSeconds(2));

    public Option<bool> CutByServer { get; } = new("--cut-by-server") { Description = "You restart the server during the run; the driver drops no connection. E.g. --cut-by-server" };

    public Option<TimeSpan> Spread { get; } = SharedOptions.Time("--spread", "Devices reconnect at random times within this time; 0 = all at once. E.g. --spread 5s", TimeSpan.Zero);

    public Option<TimeSpan> Retry { get; } = SharedOptions.Time("--retry", "Delay before a retry. E.g. --retry 1s", TimeSpan.FromMilliseconds(500));

    public Option<int> Flood { get; } = SharedOptions.Number("--flood", "Packets a second of the device that floods. E.g. --flood 10000", 10_000);

    public Option<RestartTrigger> Restart { get; } = new("--restart") { Description = "How the restart is asked for: message, api or signal. E.g. --restart signal" };

    public Option<int> Restarts { get; } = SharedOptions.Number("--restarts", "Number of restarts in a row. E.g. --restarts 3", 3);

    public Option<TimeSpan> Every { get; } = SharedOptions.Time("--every", "Time from one restart to the next; replaces --duration. E.g. --every 30s", TimeSpan.FromSeconds(30));

    public Option<TimeSpan> Watch { get; } = SharedOptions.Time("--watch", "How long a restart is watched after it was asked for. E.g. --watch 10s", TimeSpan.FromSeconds(10));

    public Option<int> Pinging { get; } = SharedOptions.Number("--pinging", "Devices that ping once a second. E.g. --pinging 2000", 2000);

    public Option<int> Turning { get; } = SharedOptions.Number("--turning", "Devices that have one turn after the other. E.g. --turning 200", 200);

    public Option<double> Arrivals { get; } = new("--arrivals") { Description = "Further devices that connect, a second. E.g. --arrivals 20", DefaultValueFactory = _ => 20 };

    public Option<TimeSpan?> TurnWait { get; } = new("--turn-wait") { Description = "The server's Restart:TurnWait. E.g. --turn-wait 3s", CustomParser = result => DurationParser.Parse(result) };

    public Option<double> MaxGapMs { get; } = new("--max-gap-ms") { Description = "Threshold: the worst delay of an answer that a device sees around a restart, p99 over the devices. E.g. --max-gap-ms 100", DefaultValueFactory = _ => 400 };

    public Option<double> MaxGrowthPercent { get; } = new("--max-growth-percent") { Description = "Threshold: memory after the last restart above that after the first. E.g. --max-growth-percent 5", DefaultValueFactory = _ => 10 };

    public Option<int> Hostile { get; } = SharedOptions.Number("--hostile", "Number of hostile peers, of twelve kinds. E.g. --hostile 500", 100);
}
