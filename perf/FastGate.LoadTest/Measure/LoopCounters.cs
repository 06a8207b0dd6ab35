namespace FastGate.LoadTest.Measure;

/// <summary>The counts of one loop. Only the loop writes them; other threads may read them at any time.</summary>
internal sealed class LoopCounters
{
    /// <summary>Connection attempts.</summary>
    public long Attempts;

    /// <summary>Connections whose hello was answered, and those of them that are still open.</summary>
    public long Ready;
    public long Open;

    /// <summary>Connections that never became ready: refused, not upgraded, or ended before the hello was answered.</summary>
    public long Failed;

    /// <summary>Ready connections that the server ended and the scenario still needed.</summary>
    public long Lost;

    /// <summary>Messages and bytes.</summary>
    public long Sent;
    public long Received;
    public long BytesSent;
    public long BytesReceived;

    /// <summary>Completed operations of the scenario.</summary>
    public long Operations;

    /// <summary>Operations that were due and did not complete.</summary>
    public long Unanswered;

    /// <summary>Audio frames that the server must send back, and those that returned late.</summary>
    public long FramesExpected;
    public long FramesLate;

    /// <summary>
    /// <c>speak</c>: frames that did not come, came twice or after a later one, frames outside the answer, turns answered too early, and interrupted turns.
    /// </summary>
    public long FramesMissing;
    public long FramesDoubled;
    public long FramesReordered;
    public long FramesOutside;
    public long CutShort;
    public long Interrupted;

    /// <summary><c>flood</c>: packets of the device that floods.</summary>
    public long FloodPackets;

    /// <summary>Connection attempts after a failure.</summary>
    public long Retries;

    /// <summary>Hostile connections, and those that the server ended.</summary>
    public long HostileAttempts;
    public long HostileEnded;

    /// <summary>Connections on which the server violated the protocol.</summary>
    public long ProtocolErrors;

    /// <summary>Nanoseconds in which the loop did not wait for events.</summary>
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
        sum.FramesMissing += Volatile.Read(ref FramesMissing);
        sum.FramesDoubled += Volatile.Read(ref FramesDoubled);
        sum.FramesReordered += Volatile.Read(ref FramesReordered);
        sum.FramesOutside += Volatile.Read(ref FramesOutside);
        sum.CutShort += Volatile.Read(ref CutShort);
        sum.Interrupted += Volatile.Read(ref Interrupted);
        sum.FloodPackets += Volatile.Read(ref FloodPackets);
        sum.Retries += Volatile.Read(ref Retries);
        sum.HostileAttempts += Volatile.Read(ref HostileAttempts);
        sum.HostileEnded += Volatile.Read(ref HostileEnded);
        sum.ProtocolErrors += Volatile.Read(ref ProtocolErrors);
        sum.BusyNanoseconds += Volatile.Read(ref BusyNanoseconds);
    }
}
