using System.Net;
using FastGate.LoadTest.Restarts;
using FastGate.LoadTest.Sockets;
using FastGate.LoadTest.Speech;

namespace FastGate.LoadTest.Load;

/// <summary>The settings of a run, from the command line.</summary>
internal sealed record LoadSettings
{
    /// <summary>The server's device listener.</summary>
    public required IPEndPoint Target { get; init; }

    public string Host { get; init; } = "127.0.0.1";

    public string Path { get; init; } = "/xiaozhi/v1/";

    public string? Token { get; init; }

    public int Devices { get; init; } = 100;

    /// <summary>New connections per second until all devices are connected.</summary>
    public double Ramp { get; init; } = 1000;

    /// <summary>Operations per second of all devices together; 0 = the scenario's default.</summary>
    public double Rate { get; init; }

    /// <summary>A device that is not served within this time after the ramp has failed.</summary>
    public TimeSpan ServeWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Length of the load before the measurement starts, to reach a steady state.</summary>
    public TimeSpan Lead { get; init; }

    /// <summary>Length of the measured load.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the driver waits at the end for outstanding answers.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    public int Seed { get; init; } = 1;

    public ClientKind Client { get; init; }

    /// <summary>Number of driver threads; the devices are divided among them.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Number of source addresses in 127.0.0.0/8; 0 leaves the choice to the kernel.</summary>
    public int Sources { get; init; } = 64;

    /// <summary>Process id of the server, for its CPU and memory; 0 = unknown.</summary>
    public int ServerPid { get; init; }

    /// <summary>Length of a smaller run before, whose result is discarded; zero = none.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary><c>hold</c>: interval between the pings of a device, below the server's idle timeout; zero = no pings.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>converse</c>: how long the user speaks before the text is recognized.</summary>
    public TimeSpan Speech { get; init; } = TimeSpan.FromMilliseconds(1200);

    /// <summary><c>converse</c>, <c>speak</c>: the share of turns that the user interrupts.</summary>
    public double BargeIn { get; init; } = 0.1;

    /// <summary><c>audio</c>, <c>speak</c>: a frame that comes later than this after its scheduled instant is late.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary><c>audio</c>: the server has no echo mode; a ping after every 50th frame measures the delay.</summary>
    public bool UplinkOnly { get; init; }

    /// <summary><c>speak</c>: the mode of <c>listen start</c>.</summary>
    public SpeakingMode SpeechMode { get; init; }

    /// <summary><c>speak</c>: noise this many decibels below the words; null = none.</summary>
    public double? NoiseDb { get; init; }

    /// <summary><c>flood</c>: packets a second of the device that floods.</summary>
    public int Flood { get; init; } = 10_000;

    /// <summary><c>storm</c>: when the connections are dropped, from the start of the load.</summary>
    public TimeSpan CutAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>storm</c>: the user restarts the server; devices reconnect when their connection ends.</summary>
    public bool CutByServer { get; init; }

    /// <summary><c>storm</c>: devices reconnect at random times within this time; zero = all at once.</summary>
    public TimeSpan Spread { get; init; }

    /// <summary><c>storm</c>, <c>abuse</c>: delay before a device retries.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>abuse</c>: number of hostile peers.</summary>
    public int Hostile { get; init; } = 100;

    public RestartSettings Restart { get; init; } = new() { Restarts = 0 };

    public double RateOr(double fallback) => Rate > 0 ? Rate : fallback;

    public static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
