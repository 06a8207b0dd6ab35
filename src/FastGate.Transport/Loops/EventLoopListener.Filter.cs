using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// Sources that the policy refuses again and again: the kernel drops their connects for up to four seconds. To accept and reset a connect takes 20 µs of the
/// loop, in which devices wait; dropped ones take a tenth of the processor time.
/// </summary>
internal sealed unsafe partial class EventLoopListener
{
    private const int LogIntervalMs = 60_000;

    private bool _isFiltered;
    private bool _cannotFilter;
    private uint _droppedBefore;
    private long _nextLogMs;

    // Sockets in the kernel's queue have the filter that the listener had when they were connected, or that another process has left.
    private bool _mayInheritFilter = true;

    private void AddRefusal(UInt128 address)
    {
        long now = Environment.TickCount64;
        if (!_cannotFilter && _refused!.Add(address, now))
        {
            Filter(address, now);
        }
    }

    private void Filter(UInt128 address, long now)
    {
        uint dropped = LinuxSocket.DroppedPackets(Descriptor, unknown: _droppedBefore);
        int error = LinuxSocket.AttachFilter(Descriptor, ConnectFilter.DropConnectsOf(_refused!.Kept));
        if (error < 0)
        {
            // A kernel that is emulated or restricted. Refusals remain as expensive as they were.
            _cannotFilter = true;
            EndFilter();
            _logger.ConnectsNotDropped(LinuxError.Describe(error));
            return;
        }

        if (!_isFiltered)
        {
            _droppedBefore = dropped;
        }

        _isFiltered = true;
        _mayInheritFilter = true;
        if (now >= _nextLogMs)
        {
            _nextLogMs = now + LogIntervalMs;
            _logger.ConnectsDropped(LinuxAddress.Of(address));
        }
    }

    private void EndFilter()
    {
        _refused?.Forget();
        if (_isFiltered)
        {
            _isFiltered = false;
            LinuxSocket.DetachFilter(Descriptor);
            _metrics.ConnectsDropped(unchecked(LinuxSocket.DroppedPackets(Descriptor, unknown: _droppedBefore) - _droppedBefore), _refused!.TakeWithoutRoom());
        }
    }
}
