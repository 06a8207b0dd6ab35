namespace FastGate.LoadTest.Reports;

/// <summary>What was asked of the server and what came of it.</summary>
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

    /// <summary>Ready connections that ended unasked.</summary>
    public required long Lost { get; init; }

    /// <summary>Operations without an end.</summary>
    public required long Unanswered { get; init; }

    public required long Retries { get; init; }

    public required long Operations { get; init; }

    public required double OperationsPerSecond { get; init; }

    public required long MessagesSent { get; init; }

    public required long MessagesReceived { get; init; }

    public required long BytesSent { get; init; }

    public required long BytesReceived { get; init; }

    public required long FramesExpected { get; init; }

    public required long FramesLate { get; init; }

    /// <summary>Frames that came late or not at all, of those expected; null when none was.</summary>
    public required double? LateShare { get; init; }

    public required long HostileConnections { get; init; }

    public required long HostileEnded { get; init; }

    public required long ProtocolErrors { get; init; }

    /// <summary>HTTP statuses other than 101, and how often.</summary>
    public required IReadOnlyDictionary<int, int> Refusals { get; init; }

    /// <summary>errno of connections that could not even be begun, and how often.</summary>
    public required IReadOnlyDictionary<int, int> SystemErrors { get; init; }
}
