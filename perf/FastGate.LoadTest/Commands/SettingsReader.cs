using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Restarts;

namespace FastGate.LoadTest.Commands;

/// <summary>Reads and checks the settings of the command line.</summary>
internal static class SettingsReader
{
    /// <summary>File descriptors that the driver needs in addition to its sockets.</summary>
    private const int OtherDescriptors = 200;

    /// <summary>Per second. With these limits a period of all devices fits into 64 bits of nanoseconds.</summary>
    private const double Slowest = 0.001;
    private const double Fastest = 10_000_000;

    /// <summary>Of a server that this program starts, whose code is not compiled yet. The recorded runs use the same.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);

    public static bool TryRead(
        ParseResult parsed, SharedOptions shared, ScenarioOptions own, [NotNullWhen(true)] out LoadSettings? settings, out string error)
    {
        settings = null;
        if (!OperatingSystem.IsLinux())
        {
            error = "The driver needs Linux: it uses epoll and reads /proc.";
            return false;
        }

        if (!TargetParser.TryParse(parsed.GetValue(shared.Target)!, parsed.GetValue(shared.AllowRemote), out IPEndPoint target, out string host, out string? path, out error))
        {
            return false;
        }

        var read = new LoadSettings
        {
            Target = target,
            Host = host,
            Token = parsed.GetValue(shared.Token),
            Devices = parsed.GetValue(shared.Devices),
            Ramp = parsed.GetValue(shared.Ramp),
            ServeWithin = parsed.GetValue(shared.ServeWithin),
            Rate = parsed.GetValue(shared.Rate),
            Lead = parsed.GetValue(shared.Lead),
            Duration = parsed.GetValue(shared.Duration),
            Settle = parsed.GetValue(shared.Settle),
            Seed = parsed.GetValue(shared.Seed),
            Client = parsed.GetValue(shared.Client),
            Threads = parsed.GetValue(shared.Threads),
            Sources = parsed.GetValue(shared.Sources),
            ServerPid = parsed.GetValue(shared.ServerPid),
            WarmUp = parsed.GetValue(shared.StartServer) && parsed.GetResult(shared.WarmUp) is not { Implicit: false } ? s_warmUp : parsed.GetValue(shared.WarmUp),
            KeepAlive = Own(own.KeepAlive),
            Speech = Own(own.Speech),
            BargeIn = Own(own.BargeIn),
            LateAfter = Own(own.LateAfter) is { Ticks: > 0 } late ? late : Own(own.LateFrame),
            SpeechMode = Own(own.SpeechMode),
            NoiseDb = Own(own.Noise),
            UplinkOnly = Own(own.UplinkOnly),
            CutAfter = Own(own.CutAfter),
            CutByServer = Own(own.CutByServer),
            Spread = Own(own.Spread),
            Retry = Own(own.Retry),
            Hostile = Own(own.Hostile),
            Flood = Own(own.Flood),
            Restart = new RestartSettings
            {
                Trigger = Own(own.Restart),
                Restarts = Own(own.Restarts),
                Every = Own(own.Every),
                Watch = Own(own.Watch),
                HelloSpread = Own(own.Watch) / 2 < RestartSettings.MostHelloSpread ? Own(own.Watch) / 2 : RestartSettings.MostHelloSpread,
                Pinging = Own(own.Pinging),
                Turning = Own(own.Turning),
                Arrivals = Own(own.Arrivals),
                TurnWait = Own(own.TurnWait),
                MaxGapMs = Own(own.MaxGapMs),
                MaxGrowthPercent = Own(own.MaxGrowthPercent),
            },
        };
        read = read.Restart.Restarts > 0 ? read with { Duration = read.Restart.Length } : read;
        read = path is null ? read : read with { Path = path };
        error = Check(read);
        settings = read;
        return error.Length == 0;

        // The options of other scenarios keep the default of their type.
        T Own<T>(Option<T> option) => parsed.CommandResult.Command.Options.Contains(option) ? parsed.GetValue(option)! : default!;
    }

    public static Thresholds ReadThresholds(ParseResult parsed, SharedOptions shared) => new()
    {
        MaxP50Ms = parsed.GetValue(shared.MaxP50Ms),
        MaxP99Ms = parsed.GetValue(shared.MaxP99Ms),
        MaxP999Ms = parsed.GetValue(shared.MaxP999Ms),
        MaxLost = parsed.GetValue(shared.MaxLost),
        MaxLateShare = parsed.GetValue(shared.MaxLateShare),
        MinThroughput = parsed.GetValue(shared.MinThroughput),
        MaxServerCpuUs = parsed.GetValue(shared.MaxServerCpuUs),
        MaxServerMb = parsed.GetValue(shared.MaxServerMb),
        MaxBytesPerDevice = parsed.GetValue(shared.MaxBytesPerDevice),
        RequireDriverHeadroom = parsed.GetValue(shared.RequireHeadroom),
    };

    private static string Check(LoadSettings settings)
    {
        long needed = settings.Devices + settings.Hostile + OtherDescriptors;
        long allowed = DescriptorLimit();
        return settings switch
        {
            { Devices: < 1 or > 2_000_000 } => "--devices: 1 to 2,000,000.",
            { Ramp: not (>= Slowest and <= Fastest) } => "--ramp: 0.001 to 10,000,000 connections a second.",
            { Rate: not (0 or (>= Slowest and <= Fastest)) } => "--rate: 0, or 0.001 to 10,000,000 operations a second.",
            { Duration.TotalMilliseconds: < 1 } => "--duration: at least 1 ms.",
            { Threads: < 1 or > 256 } => "--threads: 1 to 256.",
            { Sources: < 0 or > 65_000 } => "--sources: 0 to 65,000.",
            { Hostile: < 0 or > 1_000_000 } => "--hostile: 0 to 1,000,000.",
            { Restart: { Restarts: < 0 or > 1000 } or { Pinging: < 0 } or { Turning: < 0 } or { Arrivals: not (>= 0 and <= 1000) } } => "--restarts: at most 1,000; --pinging, --turning: at least 0; --arrivals: 0 to 1,000.",
            { BargeIn: not (>= 0 and < 1) } => "--barge-in: 0 to below 1.",
            { ServerPid: not 0 } when ProcessSample.Take(settings.ServerPid) is null => $"--server-pid {settings.ServerPid}: there is no such process.",
            _ when needed > allowed => $"{settings.Devices + settings.Hostile} connections need {needed} descriptors and this process may open {allowed}: raise `ulimit -n`.",
            _ => "",
        };
    }

    /// <summary>The runtime has already raised the soft limit to the hard limit.</summary>
    private static long DescriptorLimit()
    {
        string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string[] fields = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return fields.Length > 3 && long.TryParse(fields[3], CultureInfo.InvariantCulture, out long limit) ? limit : long.MaxValue;
    }
}
