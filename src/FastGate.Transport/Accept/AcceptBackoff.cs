using FastGate.Transport.Linux;

namespace FastGate.Transport.Accept;

/// <summary>
/// How long to leave a listener alone after an error: a pure count, so that both transports pause alike. One owner.
/// </summary>
internal sealed class AcceptBackoff
{
    /// <summary>First pause under pressure.</summary>
    public const int FirstDelayMs = 100;

    /// <summary>Longest pause: a listener must find out by itself that descriptors are free again.</summary>
    public const int LongestDelayMs = 5_000;

    /// <summary>Transient errors in a row that cost no pause; a listener that fails more often than that is under pressure.</summary>
    public const int FreeTransients = 64;

    private int _delayMs;
    private int _transients;

    /// <summary>Milliseconds to wait before the next accept; 0 means at once.</summary>
    public int NextDelayMs(AcceptErrorKind kind)
    {
        if (kind == AcceptErrorKind.Transient && ++_transients <= FreeTransients)
        {
            return 0;
        }

        _delayMs = _delayMs == 0 ? FirstDelayMs : Math.Min(_delayMs * 2, LongestDelayMs);
        return _delayMs;
    }

    /// <summary>A connection has been accepted and kept.</summary>
    public void Reset()
    {
        _delayMs = 0;
        _transients = 0;
    }
}
