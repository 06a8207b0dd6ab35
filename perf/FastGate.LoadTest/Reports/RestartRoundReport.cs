namespace FastGate.LoadTest.Reports;

/// <summary>One restart.</summary>
internal sealed record RestartRoundReport
{
    /// <summary>What the server answered; the reason when the restart failed.</summary>
    public required string Answer { get; init; }

    /// <summary>The process has the same id and another image.</summary>
    public required bool Restarted { get; init; }

    public required GapReport Gap { get; init; }

    /// <summary>Turns that ended in the window.</summary>
    public required int TurnsFinished { get; init; }

    public required int TurnsCut { get; init; }

    /// <summary>Of the server after the restart; null when it has ended.</summary>
    public required double? ServerMb { get; init; }

    public required int? Sockets { get; init; }

    public required int? OtherDescriptors { get; init; }

    /// <summary>The lines about the restart in the server's log, with its phases.</summary>
    public required IReadOnlyList<string> Log { get; init; }
}
