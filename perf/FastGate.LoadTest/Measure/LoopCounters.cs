namespace FastGate.LoadTest.Measure;

/// <summary>What one loop has counted. The loop writes; others may read at any time and see each number as it grows.</summary>
internal sealed class LoopCounters
{
    /// <summary>Connections that were begun.</summary>
    public long Attempts;

    /// <summary>Connections whose hello has been answered, and those of them that still are.</summary>
    public long Ready;
    public long Open;

    /// <summary>Connections that never became ready: refused, not upgraded, or ended before the hello was answered.</summary>
    public long Failed;

    /// <summary>Ready connections that ended although the scenario wanted them.</summary>
    public long Lost;

    /// <summary>Messages sent, and received.</summary>
    public long Sent;
    public long Received;
    public long BytesSent;
    public long BytesReceived;

    /// <summary>What the scenario calls its operation, done.</summary>
    public long Operations;

    /// <summary>Operations that were begun, or were due and could not even be begun, and have no end.</summary>
    public long Unanswered;

    /// <summary>Audio frames sent that are to come back, and those that came back too late.</summary>
    public long FramesExpected;
    public long FramesLate;

    /// <summary>Connections begun again after a failure.</summary>
    public long Retries;

    /// <summary>Hostile connections begun, and ended by the server.</summary>
    public long HostileAttempts;
    public long HostileEnded;

    /// <summary>Bytes that were not a WebSocket of this protocol.</summary>
    public long ProtocolErrors;

    /// <summary>Nanoseconds the loop did not wait for events.</summary>
    public long BusyNanoseconds;

    public void AddTo(LoopCounters sum)
    {
        sum.Attempts += Volatile.Read(ref Attempts);
        sum.Ready += Volatile.Read(ref Ready);
        sum.Open += Volatile.Read(ref Open);
        sum.Failed += Volatile.Read(ref Failed);
        sum.Lost += Volatile.Read(ref Lost);
        sum.Sent += Volatile.Read(ref Sent);
        sum.Received += Volatile.Read(ref Received);
        sum.BytesSent += Volatile.Read(ref BytesSent);
        sum.BytesReceived += Volatile.Read(ref BytesReceived);
        sum.Operations += Volatile.Read(ref Operations);
        sum.Unanswered += Volatile.Read(ref Unanswered);
        sum.FramesExpected += Volatile.Read(ref FramesExpected);
        sum.FramesLate += Volatile.Read(ref FramesLate);
        sum.Retries += Volatile.Read(ref Retries);
        sum.HostileAttempts += Volatile.Read(ref HostileAttempts);
        sum.HostileEnded += Volatile.Read(ref HostileEnded);
        sum.ProtocolErrors += Volatile.Read(ref ProtocolErrors);
        sum.BusyNanoseconds += Volatile.Read(ref BusyNanoseconds);
    }
}
