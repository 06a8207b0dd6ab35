namespace FastGate.Transport.Loops;

/// <summary>The pipes that no connection of the loop uses. Used on the loop only.</summary>
internal sealed class LoopPipes
{
    /// <summary>A loop serves one connection at a time, more only in nested callbacks; a wave of handshakes leaves more.</summary>
    private const int MostKept = 16;

    private readonly LoopPipe[] _kept = new LoopPipe[MostKept];
    private int _count;

    /// <summary>The pipe returned last, or a new one.</summary>
    public LoopPipe Rent(LoopConnection owner, bool isWaiting)
    {
        LoopPipe pipe = _count > 0 ? _kept[--_count] : new LoopPipe();
        pipe.Bind(owner, isWaiting);
        return pipe;
    }

    /// <summary>Takes back an idle pipe.</summary>
    public void Return(LoopPipe pipe)
    {
        pipe.Bind(owner: null, isWaiting: false);
        if (_count < MostKept)
        {
            _kept[_count++] = pipe;
        }
    }
}
