using FastGate.Transport.Linux;

namespace FastGate.Transport.Accept;

/// <summary>
/// The pause of a listener after an accept error, equal for both transports. Depends on counts only. One owner.
/// </summary>
internal sealed class AcceptBackoff
{
    /// <summary>First pause under pressure.</summary>
    public const int FirstDelayMs = 100;

    /// <summary>Longest pause. No event reports that descriptors are free again, so the listener must retry.</summary>
    public const int LongestDelayMs = 5_000;

    /// <summary>Consecutive transient errors without a pause; more than that count as pressure.</summary>
    public const int FreeTransients = 64;

    private int _delayMs;
    private int _transients;

    /// <summary>Milliseconds to wait before the next accept; 0 means none.</summary>
    public int NextDelayMs(AcceptErrorKind kind)
    {
        if (kind == AcceptErrorKind.Transient && ++_transients <= FreeTransients)
        {
            return 0;
        }

        _delayMs = _delayMs == 0 ? FirstDelayMs : Math.Min(_delayMs * 2, LongestDelayMs);
        return _delayMs;
    }

    /// <summary>Called when a connection has been accepted and admitted.</summary>
    public void Reset()
    {
        _delayMs = 0;
        _transients = 0;
    }
}
