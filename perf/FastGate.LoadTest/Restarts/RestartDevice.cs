namespace FastGate.LoadTest.Restarts;

/// <summary>What the scenario <c>restart</c> knows of one device. Used by the thread of its loop, and by the report after the loop has ended.</summary>
internal sealed class RestartDevice(DeviceRole role, int number, int windows)
{
    public DeviceRole Role { get; } = role;

    public PingLedger Pings { get; private set; } = new();

    public TurnLedger? Turns { get; } = role == DeviceRole.Turning ? new TurnLedger(number) : null;

    /// <summary>When the open turn was asked, and when the last one was asked to end.</summary>
    public long AskedAt { get; set; }

    public long TurnLength { get; set; }

    /// <summary>The bytes of a frame whose first part is sent.</summary>
    public byte[]? Rest { get; set; }

    public int HellosSent { get; set; }

    public int HellosAnswered { get; set; }

    public int SessionsChanged { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>The worst delay of an answer in each window, in nanoseconds.</summary>
    public long[] Worst { get; } = role == DeviceRole.Pinging ? new long[windows] : [];

    /// <summary>The connection ended: returns the counts of its pings and begins new ones.</summary>
    public MessageCounts TakePings()
    {
        MessageCounts counts = Pings.Count();
        Pings = new PingLedger();
        return counts;
    }
}
