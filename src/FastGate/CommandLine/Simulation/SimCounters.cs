namespace FastGate.CommandLine.Simulation;

/// <summary>What all devices have done. Any thread.</summary>
internal sealed class SimCounters
{
    private long _started;
    private long _open;
    private long _connects;
    private long _refused;
    private long _lost;
    private long _turns;
    private long _replies;
    private long _framesSent;
    private long _framesReceived;
    private long _toolCalls;
    private long _finished;
    private long _failed;
    private string? _lastError;

    public long Started => Interlocked.Read(ref _started);

    public long Open => Interlocked.Read(ref _open);

    public long Connects => Interlocked.Read(ref _connects);

    /// <summary>Attempts to connect that did not lead to a hello.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Connections that the other side ended.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public long Turns => Interlocked.Read(ref _turns);

    public long Replies => Interlocked.Read(ref _replies);

    public long FramesSent => Interlocked.Read(ref _framesSent);

    public long FramesReceived => Interlocked.Read(ref _framesReceived);

    public long ToolCalls => Interlocked.Read(ref _toolCalls);

    /// <summary>Devices whose script has ended.</summary>
    public long Finished => Interlocked.Read(ref _finished);

    /// <summary>Devices that gave up: they did not get a connection or a reply.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public string? LastError => Volatile.Read(ref _lastError);

    public void OnStarted() => Interlocked.Increment(ref _started);

    public void OnConnected()
    {
        Interlocked.Increment(ref _connects);
        Interlocked.Increment(ref _open);
    }

    public void OnClosed() => Interlocked.Decrement(ref _open);

    public void OnRefused(string error)
    {
        Interlocked.Increment(ref _refused);
        Volatile.Write(ref _lastError, error);
    }

    public void OnLost(string error)
    {
        Interlocked.Increment(ref _lost);
        Volatile.Write(ref _lastError, error);
    }

    public void OnTurn() => Interlocked.Increment(ref _turns);

    public void OnReply() => Interlocked.Increment(ref _replies);

    public void OnFrameSent() => Interlocked.Increment(ref _framesSent);

    public void OnFrameReceived() => Interlocked.Increment(ref _framesReceived);

    public void OnToolCall() => Interlocked.Increment(ref _toolCalls);

    public void OnFinished() => Interlocked.Increment(ref _finished);

    public void OnFailed(string error)
    {
        Interlocked.Increment(ref _failed);
        Volatile.Write(ref _lastError, error);
    }
}
