namespace FastGate.LoadTest.Reports;

/// <summary>What the devices saw of the restarts.</summary>
internal sealed record RestartReport
{
    /// <summary>Files of the database and of code that is loaded when it is first needed.</summary>
    private const int FilesThatVary = 8;

    public required string Trigger { get; init; }

    public required int Connected { get; init; }

    public required int NotConnected { get; init; }

    public required int Pinging { get; init; }

    public required int Turning { get; init; }

    /// <summary>Further devices that connected while the server was restarted, and those that were refused or reset.</summary>
    public required long NewConnects { get; init; }

    public required long Refused { get; init; }

    /// <summary>Connections that the server ended.</summary>
    public required long Closed { get; init; }

    /// <summary>Numbered messages and sentences.</summary>
    public required long Messages { get; init; }

    public required long Lost { get; init; }

    public required long Doubled { get; init; }

    public required long Reordered { get; init; }

    /// <summary>Second hellos that were answered, that were not, and those with another session id.</summary>
    public required long Hellos { get; init; }

    public required long HellosUnanswered { get; init; }

    public required long SessionsChanged { get; init; }

    public required long TurnsFinished { get; init; }

    public required long TurnsCut { get; init; }

    public required long TurnsBroken { get; init; }

    /// <summary>A window of the same length without a restart: what the machine itself adds.</summary>
    public required GapReport Control { get; init; }

    public required IReadOnlyList<RestartRoundReport> Rounds { get; init; }

    /// <summary>What every restart must keep, and the given limits.</summary>
    public IReadOnlyList<ThresholdResult> Judge(long unanswered, double maxGapMs, double maxGrowthPercent, int maxSocketGrowth)
    {
        List<ThresholdResult> results = [];
        void AtMost(string option, string what, double limit, double? actual) => results.Add(new ThresholdResult(option, what, limit, actual, actual <= limit));
        AtMost("restart", "devices not connected at the start", 0, NotConnected);
        AtMost("restart", "restarts that did not happen", 0, Rounds.Count(static round => !round.Restarted));
        AtMost("restart", "devices closed", 0, Closed);
        AtMost("restart", "connects refused or reset", 0, Refused);
        AtMost("restart", "operations not finished at the end", 0, unanswered);
        AtMost("restart", "messages lost", 0, Lost);
        AtMost("restart", "messages doubled", 0, Doubled);
        AtMost("restart", "messages reordered", 0, Reordered);
        AtMost("restart", "hellos not answered", 0, HellosUnanswered);
        AtMost("restart", "session ids changed", 0, SessionsChanged);
        AtMost("restart", "turns broken", 0, TurnsBroken);
        AtMost("--max-gap-ms", "gap of a device, p99 of the worst restart, ms", maxGapMs, Pinging == 0 ? null : Rounds.Max(static round => round.Gap.P99Ms));
        RestartRoundReport first = Rounds[0];
        RestartRoundReport last = Rounds[^1];
        if (Rounds.Count > 1)
        {
            AtMost("--max-growth-percent", "memory after the last restart above the first, %", maxGrowthPercent, (last.ServerMb / first.ServerMb * 100) - 100);
            AtMost("restart", "sockets after the last restart above the first", maxSocketGrowth, last.Sockets - first.Sockets);
            AtMost("restart", "other descriptors after the last restart above the first", FilesThatVary, last.OtherDescriptors - first.OtherDescriptors);
        }

        return results;
    }
}
