namespace FastGate.Registry;

/// <summary>What a directory keeps of one connection. A mutable struct inside of its connection: never copy it.</summary>
internal struct DirectoryClaim
{
    /// <summary>
    /// Number that the engine has given to this connection, greater than that of every earlier connection of the device; 0 before. Written by the
    /// directory's loop, and before the connection is registered by its owner; read by any thread.
    /// </summary>
    public long Epoch;

    /// <summary>A call about this connection has been sent and not answered. The directory's loop only.</summary>
    public bool IsSent;

    /// <summary>Something may have changed while the call was on its way. The directory's loop only.</summary>
    public bool IsChanged;

    /// <summary>A claim had no answer: the engine may have made it. The directory's loop only.</summary>
    public bool IsUncertain;

    private bool _ended;
    private int _queued;

    /// <summary>The connection is over and its claim is to be released. Set once, by the connection's loop.</summary>
    public bool IsEnded
    {
        readonly get => Volatile.Read(in _ended);
        set => Volatile.Write(ref _ended, value);
    }

    /// <summary>True for the one caller that may push the connection. A full fence, as <see cref="Unqueue"/>.</summary>
    public bool TryQueue() => Interlocked.Exchange(ref _queued, 1) == 0;

    /// <summary>The directory's loop only, before it looks at the connection: a later change queues it again.</summary>
    public void Unqueue() => Interlocked.Exchange(ref _queued, 0);
}
