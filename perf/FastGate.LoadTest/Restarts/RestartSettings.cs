namespace FastGate.LoadTest.Restarts;

/// <summary>The settings of the scenario <c>restart</c>.</summary>
internal sealed record RestartSettings
{
    public static readonly TimeSpan MostHelloSpread = TimeSpan.FromSeconds(4);

    public RestartTrigger Trigger { get; init; }

    public int Restarts { get; init; } = 3;

    /// <summary>From the start of the load to the first restart, from one restart to the next, and from the last one to the end.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its trigger a restart is watched. Every device says hello a second time afterwards.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The devices say their second hello within this time.</summary>
    public TimeSpan HelloSpread { get; init; } = MostHelloSpread;

    /// <summary>Devices that ping once a second.</summary>
    public int Pinging { get; init; } = 2000;

    public TimeSpan PingPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Devices that have one turn after the other.</summary>
    public int Turning { get; init; } = 200;

    /// <summary>Further devices that connect, a second.</summary>
    public double Arrivals { get; init; } = 20;

    /// <summary>The server's <c>Restart:TurnWait</c>; null leaves the server's own.</summary>
    public TimeSpan? TurnWait { get; init; }

    public double MaxGapMs { get; init; } = 400;

    /// <summary>By how much the memory after the last restart may exceed that after the first.</summary>
    public double MaxGrowthPercent { get; init; } = 10;

    /// <summary>How long an arrival stays after its first pong.</summary>
    public TimeSpan Stay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the end of the turns is waited for.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan Length => Every * (Restarts + 1);
}
