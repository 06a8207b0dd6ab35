using System.CommandLine;
using FastGate.LoadTest.Sockets;

namespace FastGate.LoadTest.Commands;

/// <summary>The options that every scenario takes, each with an example.</summary>
internal sealed class SharedOptions
{
    public Option<string> Target { get; } = new("--target")
    {
        Description = "Device door, only 127.0.0.0/8 without --allow-remote. E.g. --target 127.0.0.1:8000",
        DefaultValueFactory = _ => "127.0.0.1:8000",
    };

    public Option<bool> AllowRemote { get; } = new("--allow-remote") { Description = "The target is yours and not on this machine. E.g. --allow-remote --target 10.0.0.5:8000" };

    public Option<string?> Token { get; } = new("--token") { Description = "Bearer token of every device. E.g. --token my-secret" };

    public Option<int> Devices { get; } = Number("--devices", "Devices. E.g. --devices 5000", 100);

    public Option<double> Ramp { get; } = new("--ramp") { Description = "New connections a second until all devices are there. E.g. --ramp 500", DefaultValueFactory = _ => 1000 };

    public Option<double> Rate { get; } = new("--rate") { Description = "Operations a second over all devices; 0 = the scenario's default. E.g. --rate 2000" };

    public Option<TimeSpan> Duration { get; } = Time("--duration", "How long the load lasts once the devices are there. E.g. --duration 60s", TimeSpan.FromSeconds(10));

    public Option<TimeSpan> Lead { get; } = Time("--lead", "How long the load goes on before it is measured: a whole period of the fleet makes a steady state. E.g. --lead 15s", TimeSpan.Zero);

    public Option<TimeSpan> ServeWithin { get; } = Time("--serve-within", "Who is not served so long after the ramp has failed. E.g. --serve-within 5s", TimeSpan.FromSeconds(15));

    public Option<TimeSpan> Settle { get; } = Time("--settle", "How long to wait at the end for answers still out. E.g. --settle 5s", TimeSpan.FromSeconds(2));

    public Option<int> Seed { get; } = Number("--seed", "Of everything that is drawn by lot: the same seed, the same run. E.g. --seed 7", 1);

    public Option<ClientKind> Client { get; } = new("--client") { Description = "What the devices connect with: epoll, or pipelines for Pipelines.Sockets.Unofficial. E.g. --client pipelines", DefaultValueFactory = _ => ClientKind.Epoll };

    public Option<int> Threads { get; } = Number("--threads", "Threads of the driver. E.g. --threads 4", 1);

    public Option<int> Sources { get; } = Number("--sources", "Source addresses out of 127.0.0.0/8; 0 = the kernel's choice. E.g. --sources 250", 64);

    public Option<int> ServerPid { get; } = Number("--server-pid", "The server's process, to sample its CPU and memory. E.g. --server-pid 4711", 0);

    public Option<bool> StartServer { get; } = new("--start-server") { Description = "Starts the server of this repository on free ports, loads it, samples it and ends it. E.g. --start-server" };

    public Option<string[]> ServerOption { get; } = new("--server-option") { Description = "Setting of the started server, any number of times. E.g. --server-option FastGate:Devices:EventLoops=1" };

    public Option<string?> ServerProcessors { get; } = new("--server-processors") { Description = "Where the started server may run, by taskset. E.g. --server-processors 0" };

    public Option<TimeSpan> WarmUp { get; } = Time("--warm-up", "A run of up to 500 devices before the first sample, so that the server has been compiled. E.g. --warm-up 6s", TimeSpan.Zero);

    public Option<string?> Json { get; } = new("--json") { Description = "Write the report as JSON. E.g. --json run.json" };

    public Option<string?> Html { get; } = new("--html") { Description = "Write the report as one HTML file. E.g. --html run.html" };

    public Option<double?> MaxP50Ms { get; } = Threshold("--max-p50-ms", "Latency, ms. E.g. --max-p50-ms 2");

    public Option<double?> MaxP99Ms { get; } = Threshold("--max-p99-ms", "Latency, ms. E.g. --max-p99-ms 20");

    public Option<double?> MaxP999Ms { get; } = Threshold("--max-p999-ms", "Latency, ms. E.g. --max-p999-ms 50");

    public Option<double?> MaxLost { get; } = Threshold("--max-lost", "Connections failed or lost, and operations unanswered. E.g. --max-lost 0");

    public Option<double?> MaxLateShare { get; } = Threshold("--max-late-share", "Frames late or missing, of all (audio). E.g. --max-late-share 0.001");

    public Option<double?> MinThroughput { get; } = Threshold("--min-throughput", "Operations a second. E.g. --min-throughput 1900");

    public Option<double?> MaxServerCpuUs { get; } = Threshold("--max-server-cpu-us", "Server CPU an operation (hold: a connection), µs; needs --server-pid. E.g. --max-server-cpu-us 40");

    public Option<double?> MaxServerMb { get; } = Threshold("--max-server-mb", "Server memory at its peak; needs --server-pid. E.g. --max-server-mb 200");

    public Option<double?> MaxBytesPerDevice { get; } = Threshold("--max-bytes-per-device", "Server memory the load added, for each device; needs --server-pid. E.g. --max-bytes-per-device 3000");

    public Option<bool> RequireHeadroom { get; } = new("--require-headroom") { Description = "Threshold: a run in which the driver was the limit fails. E.g. --require-headroom" };

    public IReadOnlyList<Option> All =>
    [
        Target, AllowRemote, Token, Devices, Ramp, ServeWithin, Rate, Lead, Duration, Settle, Seed, Client, Threads, Sources,
        ServerPid, StartServer, ServerOption, ServerProcessors, WarmUp, Json, Html,
        MaxP50Ms, MaxP99Ms, MaxP999Ms, MaxLost, MaxLateShare, MinThroughput, MaxServerCpuUs, MaxServerMb, MaxBytesPerDevice, RequireHeadroom,
    ];

    public static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    public static Option<TimeSpan> Time(string name, string description, TimeSpan value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, CustomParser = DurationParser.Parse };

    private static Option<double?> Threshold(string name, string description) => new(name) { Description = "Threshold: " + description };
}
