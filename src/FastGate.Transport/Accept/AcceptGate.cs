using FastGate.Transport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Accept;

/// <summary>
/// Whether there is a descriptor for one more device. Devices never get the last ones: the other doors, the store and the
/// loading of assemblies need some, too, and fail worse. Under pressure newcomers are accepted only to be refused. One owner.
/// </summary>
internal sealed class AcceptGate(ILogger logger, TransportMetrics metrics, int? ceiling = null) : IDisposable
{
    /// <summary>At the limit each device that leaves makes room for one newcomer: not every one of them is worth two lines.</summary>
    private const int QuietMs = 10_000;

    private readonly ReserveDescriptors _reserve = new();
    private readonly int _ceiling = ceiling ?? DescriptorLimit.Ceiling();
    private bool _isPressed;
    private bool _isTold;
    private long _quietUntilMs;

    /// <summary>Descriptors are given out lowest first, so the number of one tells how many are open.</summary>
    public bool Admits(int descriptor)
    {
        if (descriptor >= _ceiling)
        {
            Press("devices may have no more descriptors");
            metrics.ConnectionRefused();
            return false;
        }

        if (!_isPressed)
        {
            return true;
        }

        if (_reserve.TryTake())
        {
            _isPressed = false;
            if (_isTold)
            {
                logger.AcceptResumed();
            }

            return true;
        }

        _reserve.Release();
        metrics.ConnectionRefused();
        return false;
    }

    /// <summary>Accepting failed for want of a descriptor or of memory. True when it is worth another try at once.</summary>
    public bool OnPressure(string error)
    {
        Press(error);
        return _reserve.Release();
    }

    public void Dispose() => _reserve.Dispose();

    private void Press(string error)
    {
        if (!_isPressed)
        {
            _isPressed = true;
            long now = Environment.TickCount64;
            _isTold = now >= _quietUntilMs;
            if (_isTold)
            {
                _quietUntilMs = now + QuietMs;
                logger.AcceptPressed(error);
            }
        }
    }
}
