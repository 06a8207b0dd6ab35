using System.Net;
using FastGate.LoadTest.Sockets;

namespace FastGate.LoadTest.Load;

/// <summary>What a run is asked to do; the command line fills it in.</summary>
internal sealed record LoadSettings
{
    /// <summary>The device door.</summary>
    public required IPEndPoint Target { get; init; }

    public string Host { get; init; } = "127.0.0.1";

    public string Path { get; init; } = "/xiaozhi/v1/";

    public string? Token { get; init; }

    public int Devices { get; init; } = 100;

    /// <summary>New connections a second until all devices are there.</summary>
    public double Ramp { get; init; } = 1000;

    /// <summary>Operations a second over all devices; 0 = the scenario's own default.</summary>
    public double Rate { get; init; }

    /// <summary>How long after the ramp the last device may take to be served; who is not by then has failed.</summary>
    public TimeSpan ServeWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the load goes on before it is measured, so that what is measured is a steady state.</summary>
    public TimeSpan Lead { get; init; }

    /// <summary>How long the load lasts once all devices are there, the lead apart.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the driver waits afterwards for answers that are still out.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    public int Seed { get; init; } = 1;

    public ClientKind Client { get; init; }

    /// <summary>Threads of the driver, each with its share of the devices.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Source addresses out of 127.0.0.0/8; 0 leaves the choice to the kernel.</summary>
    public int Sources { get; init; } = 64;

    /// <summary>The server's process, for its CPU and memory; 0 = unknown.</summary>
    public int ServerPid { get; init; }

    /// <summary>How long a smaller run of the same kind goes before, of which nothing is kept; zero = none.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary><c>hold</c>: one ping each so often, so that the server's idle limit is not met; zero = silence.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>converse</c>: how long the user speaks before the text is understood.</summary>
    public TimeSpan Speech { get; init; } = TimeSpan.FromMilliseconds(1200);

    /// <summary><c>converse</c>: the share of turns in which the user interrupts the first sentence.</summary>
    public double BargeIn { get; init; } = 0.1;

    /// <summary><c>audio</c>: a frame that comes back later than this after the instant it was due is late.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary><c>audio</c>: the server is no echo; frames go up only, and a ping after every fiftieth shows the delay.</summary>
    public bool UplinkOnly { get; init; }

    /// <summary><c>storm</c>: when the connections are cut, after the beginning of the load.</summary>
    public TimeSpan CutAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>storm</c>: the server is restarted by somebody else; devices come back when they notice.</summary>
    public bool CutByServer { get; init; }

    /// <summary><c>storm</c>: devices spread their return over this time; zero = all at once.</summary>
    public TimeSpan Spread { get; init; }

    /// <summary><c>storm</c>, <c>abuse</c>: how long a device waits before it tries again.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>abuse</c>: hostile peers beside the devices.</summary>
    public int Hostile { get; init; } = 100;

    public double RateOr(double fallback) => Rate > 0 ? Rate : fallback;

    public static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
