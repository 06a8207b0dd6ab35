namespace FastGate.Transport.Loops;

/// <summary>The pipes that no connection of the loop uses. Used on the loop only.</summary>
internal sealed class LoopPipes
{
    /// <summary>A loop serves one connection at a time, more only in nested callbacks; a wave of handshakes leaves more.</summary>
    private const int MostKept = 16;

    private readonly Stack<LoopPipe> _kept = new(MostKept);

    /// <summary>The pipe returned last, or a new one.</summary>
    public LoopPipe Rent(LoopConnection owner, bool isWaiting)
    {
        if (!_kept.TryPop(out LoopPipe? pipe))
        {
            pipe = new LoopPipe();
        }

        pipe.Bind(owner, isWaiting);
        return pipe;
    }

    /// <summary>Takes back an idle pipe.</summary>
    public void Return(LoopPipe pipe)
    {
        pipe.Bind(owner: null, isWaiting: false);
        if (_kept.Count < MostKept)
        {
            _kept.Push(pipe);
        }
    }
}
