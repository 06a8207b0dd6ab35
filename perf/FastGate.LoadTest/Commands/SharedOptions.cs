using System.CommandLine;
using FastGate.LoadTest.Sockets;

namespace FastGate.LoadTest.Commands;

/// <summary>The options of all scenarios, with an example each.</summary>
internal sealed class SharedOptions
{
    public Option<string> Target { get; } = new("--target")
    {
        Description = "The server's device listener; must be in 127.0.0.0/8 without --allow-remote. E.g. --target 127.0.0.1:8000",
        DefaultValueFactory = _ => "127.0.0.1:8000",
    };

    public Option<bool> AllowRemote { get; } = new("--allow-remote") { Description = "Allows a target on another machine. Load only servers that you own. E.g. --allow-remote --target 10.0.0.5:8000" };

    public Option<string?> Token { get; } = new("--token") { Description = "Bearer token of every device. E.g. --token my-secret" };

    public Option<int> Devices { get; } = Number("--devices", "Number of devices. E.g. --devices 5000", 100);

    public Option<double> Ramp { get; } = new("--ramp") { Description = "New connections per second until all devices are connected. E.g. --ramp 500", DefaultValueFactory = _ => 1000 };

    public Option<double> Rate { get; } = new("--rate") { Description = "Operations per second of all devices together; 0 = the scenario's default. E.g. --rate 2000" };

    public Option<TimeSpan> Duration { get; } = Time("--duration", "Length of the measured load, after all devices have connected. E.g. --duration 60s", TimeSpan.FromSeconds(10));

    public Option<TimeSpan> Lead { get; } = Time("--lead", "Length of the load before the measurement starts, to reach a steady state. E.g. --lead 15s", TimeSpan.Zero);

    public Option<TimeSpan> ServeWithin { get; } = Time("--serve-within", "A device that is not served within this time after the ramp has failed. E.g. --serve-within 5s", TimeSpan.FromSeconds(15));

    public Option<TimeSpan> Settle { get; } = Time("--settle", "How long to wait at the end for outstanding answers. E.g. --settle 5s", TimeSpan.FromSeconds(2));

    public Option<int> Seed { get; } = Number("--seed", "Seed of all random values: the same seed repeats the run. E.g. --seed 7", 1);

    public Option<ClientKind> Client { get; } = new("--client") { Description = "What the devices connect with: epoll, or pipelines for Pipelines.Sockets.Unofficial. E.g. --client pipelines", DefaultValueFactory = _ => ClientKind.Epoll };

    public Option<int> Threads { get; } = Number("--threads", "Number of driver threads. E.g. --threads 4", 1);

    public Option<int> Sources { get; } = Number("--sources", "Number of source addresses in 127.0.0.0/8; 0 = the kernel chooses. E.g. --sources 250", 64);

    public Option<int> ServerPid { get; } = Number("--server-pid", "Process id of the server, to sample its CPU and memory. E.g. --server-pid 4711", 0);

    public Option<bool> StartServer { get; } = new("--start-server") { Description = "Starts the server of this repository on free ports, samples it and stops it at the end. E.g. --start-server" };

    public Option<string?> Server { get; } = new("--server") { Description = "The assembly or the executable to start; default: the server that was built with this program. E.g. --server publish/FastGate" };

    public Option<string[]> ServerOption { get; } = new("--server-option") { Description = "Setting of the started server; may be given several times. E.g. --server-option FastGate:Devices:EventLoops=1" };

    public Option<string?> ServerLog { get; } = new("--server-log") { Description = "Writes what the started server logs after its start to this file. E.g. --server-log server.log" };

    public Option<string?> ServerProcessors { get; } = new("--server-processors") { Description = "Processors of the started server; the driver uses the others. Default: one processor for each driver thread, at most half of them, is the driver's, the others are the server's. E.g. --server-processors 0-2" };

    public Option<TimeSpan> WarmUp { get; } = Time("--warm-up", "Length of a run with up to 500 devices before the first sample, so that the server's code is compiled. Default: 6s with --start-server, else none. E.g. --warm-up 6s", TimeSpan.Zero);

    public Option<string?> Json { get; } = new("--json") { Description = "Write the report as JSON. E.g. --json run.json" };

    public Option<string?> Html { get; } = new("--html") { Description = "Write the report as one HTML file. E.g. --html run.html" };

    public Option<string?> Compare { get; } = new("--compare") { Description = "Compares the run with the JSON report of an earlier one, or with the same scenario in a file of several reports. E.g. --compare run.json" };

    public Option<double?> MaxP50Ms { get; } = Threshold("--max-p50-ms", "Latency, ms. E.g. --max-p50-ms 2");

    public Option<double?> MaxP99Ms { get; } = Threshold("--max-p99-ms", "Latency, ms. E.g. --max-p99-ms 20");

    public Option<double?> MaxP999Ms { get; } = Threshold("--max-p999-ms", "Latency, ms. E.g. --max-p999-ms 50");

    public Option<double?> MaxLost { get; } = Threshold("--max-lost", "Number of failed or lost connections and unanswered operations. E.g. --max-lost 0");

    public Option<double?> MaxLateShare { get; } = Threshold("--max-late-share", "Share of frames that are late or missing (audio). E.g. --max-late-share 0.001");

    public Option<double?> MinThroughput { get; } = Threshold("--min-throughput", "Operations per second. E.g. --min-throughput 1900");

    public Option<double?> MaxServerCpuUs { get; } = Threshold("--max-server-cpu-us", "Server CPU per operation (hold: per connection), µs; needs --server-pid. E.g. --max-server-cpu-us 40");

    public Option<double?> MaxServerMb { get; } = Threshold("--max-server-mb", "Peak of the server's memory; needs --server-pid. E.g. --max-server-mb 200");

    public Option<double?> MaxBytesPerDevice { get; } = Threshold("--max-bytes-per-device", "Growth of the server's memory per device; needs --server-pid. E.g. --max-bytes-per-device 3000");

    public Option<bool> RequireHeadroom { get; } = new("--require-headroom") { Description = "Threshold: fail when the driver was the limit. E.g. --require-headroom" };

    public IReadOnlyList<Option> All =>
    [
        Target, AllowRemote, Token, Devices, Ramp, ServeWithin, Rate, Lead, Duration, Settle, Seed, Client, Threads, Sources,
        ServerPid, StartServer, Server, ServerLog, ServerOption, ServerProcessors, WarmUp, Json, Html, Compare,
        MaxP50Ms, MaxP99Ms, MaxP999Ms, MaxLost, MaxLateShare, MinThroughput, MaxServerCpuUs, MaxServerMb, MaxBytesPerDevice, RequireHeadroom,
    ];

    public static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    public static Option<TimeSpan> Time(string name, string description, TimeSpan value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, CustomParser = DurationParser.Parse };

    private static Option<double?> Threshold(string name, string description) => new(name) { Description = "Threshold: " + description };
}
