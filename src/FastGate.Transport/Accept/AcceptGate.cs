using FastGate.Transport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Accept;

/// <summary>
/// Decides whether there is a descriptor for one more connection. Connections never get the last ones, which files, other listeners and
/// assembly loading need. Under pressure new connections are accepted only to be refused. One owner.
/// </summary>
internal sealed class AcceptGate(ILogger logger, TransportMetrics metrics, int? ceiling = null) : IDisposable
{
    /// <summary>Least time between two log lines about pressure: at the limit it begins and ends with every closed connection.</summary>
    private const int LogIntervalMs = 10_000;

    private readonly ReserveDescriptors _reserve = new();
    private readonly int _ceiling = ceiling ?? DescriptorBudget.OfProcess().Ceiling;
    private bool _isUnderPressure;
    private bool _isLogged;
    private long _nextLogMs;

    /// <summary>Linux assigns the lowest free number, so the number shows how many descriptors are open.</summary>
    public bool Admits(int descriptor)
    {
        if (descriptor >= _ceiling)
        {
            BeginPressure("no descriptor left for another connection");
            metrics.ConnectionRefused();
            return false;
        }

        if (!_isUnderPressure)
        {
            return true;
        }

        if (_reserve.TryTake())
        {
            _isUnderPressure = false;
            if (_isLogged)
            {
                logger.AcceptResumed();
            }

            return true;
        }

        _reserve.Release();
        metrics.ConnectionRefused();
        return false;
    }

    /// <summary>Accept failed for lack of descriptors or memory. True when the reserve was released and accept may be retried at once.</summary>
    public bool OnPressure(string error)
    {
        BeginPressure(error);
        return _reserve.Release();
    }

    public void Dispose() => _reserve.Dispose();

    private void BeginPressure(string error)
    {
        if (!_isUnderPressure)
        {
            _isUnderPressure = true;
            long now = Environment.TickCount64;
            _isLogged = now >= _nextLogMs;
            if (_isLogged)
            {
                _nextLogMs = now + LogIntervalMs;
                logger.AcceptPressed(error);
            }
        }
    }
}
