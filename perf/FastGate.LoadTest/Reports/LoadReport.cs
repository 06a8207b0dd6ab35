namespace FastGate.LoadTest.Reports;

/// <summary>The load and its result.</summary>
internal sealed record LoadReport
{
    public required int Devices { get; init; }

    public required double RampSeconds { get; init; }

    public required double LoadSeconds { get; init; }

    public required int Seed { get; init; }

    public required long Connections { get; init; }

    public required long Ready { get; init; }

    /// <summary>Connections that never became ready.</summary>
    public required long Failed { get; init; }

    /// <summary>Ready connections that the server ended.</summary>
    public required long Lost { get; init; }

    /// <summary>Operations that did not complete.</summary>
    public required long Unanswered { get; init; }

    public required long Retries { get; init; }

    public required long Operations { get; init; }

    public required double OperationsPerSecond { get; init; }

    public required long MessagesSent { get; init; }

    public required long MessagesReceived { get; init; }

    public required long BytesSent { get; init; }

    public required long BytesReceived { get; init; }

    /// <summary>Packets of the device that floods.</summary>
    public long FloodPackets { get; init; }

    public required long FramesExpected { get; init; }

    public required long FramesLate { get; init; }

    /// <summary>Share of expected frames that were late or missing; null when none was expected.</summary>
    public required double? LateShare { get; init; }

    public required long HostileConnections { get; init; }

    public required long HostileEnded { get; init; }

    public required long ProtocolErrors { get; init; }

    /// <summary>Counts of HTTP statuses other than 101.</summary>
    public required IReadOnlyDictionary<int, int> Refusals { get; init; }

    /// <summary>Counts of the errno of failed connects.</summary>
    public required IReadOnlyDictionary<int, int> SystemErrors { get; init; }
}
