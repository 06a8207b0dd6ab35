namespace FastGate.LoadTest.Restarts;

/// <summary>What the scenario <c>restart</c> knows of one device. Used by the thread of its loop, and by the report after the loop has ended.</summary>
internal sealed class RestartDevice(DeviceRole role, int number, int windows)
{
    private readonly List<(long Number, long Due)> _unanswered = [];

    public DeviceRole Role { get; } = role;

    public PingLedger Pings { get; private set; } = new();

    public TurnLedger? Turns { get; } = role == DeviceRole.Turning ? new TurnLedger(number) : null;

    /// <summary>When the open turn was asked, and when the last one was asked to end.</summary>
    public long AskedAt { get; set; }

    /// <summary>The bytes of a frame whose first part is sent.</summary>
    public byte[]? Rest { get; set; }

    public int HellosSent { get; set; }

    public int HellosAnswered { get; set; }

    public int SessionsChanged { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>The worst delay of an answer in each window, in nanoseconds.</summary>
    public long[] Worst { get; } = role == DeviceRole.Pinging ? new long[windows] : [];

    /// <summary>When the first ping without an answer was due; null when there is none.</summary>
    public long? FirstUnanswered => _unanswered.Count == 0 ? null : _unanswered[0].Due;

    /// <summary>Returns the number of a ping that is due at this instant.</summary>
    public long SendPing(long due)
    {
        long number = Pings.Send();
        _unanswered.Add((number, due));
        return number;
    }

    /// <summary>Returns when the ping of this number was due; null when it was answered already.</summary>
    public long? AnswerPing(long number)
    {
        Pings.ReceiveFrame(number);
        int at = _unanswered.FindIndex(ping => ping.Number == number);
        long? due = at < 0 ? null : _unanswered[at].Due;
        if (at >= 0)
        {
            _unanswered.RemoveAt(at);
        }

        return due;
    }

    /// <summary>The connection ended: returns the counts of its pings and begins new ones.</summary>
    public MessageCounts TakePings()
    {
        MessageCounts counts = Pings.Count();
        Pings = new PingLedger();
        _unanswered.Clear();
        return counts;
    }
}
