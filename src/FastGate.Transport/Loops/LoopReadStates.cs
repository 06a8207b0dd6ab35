namespace FastGate.Transport.Loops;

/// <summary>State of a <see cref="LoopPipeReader"/>.</summary>
[Flags]
internal enum LoopReadStates : byte
{
    None = 0,

    /// <summary>A result has been returned and not been advanced.</summary>
    Reading = 1,

    /// <summary>A read waits for input.</summary>
    Waiting = 2,

    /// <summary>The waiting read ends by cancellation.</summary>
    Cancelled = 4,

    /// <summary>The kept bytes have not been examined to their end.</summary>
    Unexamined = 8,

    /// <summary>The consumer reads no more.</summary>
    Completed = 16,

    /// <summary>The consumer takes no input for now.</summary>
    Paused = 32,
}
