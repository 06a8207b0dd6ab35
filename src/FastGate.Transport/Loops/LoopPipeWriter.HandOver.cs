namespace FastGate.Transport.Loops;

/// <summary>Written bytes pass from one owner of the socket to the next.</summary>
internal sealed partial class LoopPipeWriter
{
    public bool IsCompleted => _isCompleted;

    /// <summary>Called by the loop: the socket gets another owner, who sends these bytes. Flushed or not, as at the end of the handler.</summary>
    public ReadOnlyMemory<byte> TakeUnsent()
    {
        if (HasScratch)
        {
            KeepScratch();
        }

        if (_backlog is null)
        {
            return default;
        }

        _backlog.Flush();
        ReadOnlyMemory<byte> unsent = _backlog.CopyPending();
        _backlog.Discard();
        return unsent;
    }
}
