using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Transport.Accept;

/// <summary>
/// A few descriptors held in reserve. When none are left they are released: new connections can then be accepted, answered and closed
/// instead of waiting in the backlog, and the runtime can load an assembly, without which it would end the process. One owner.
/// </summary>
internal sealed class ReserveDescriptors : IDisposable
{
    public const int Count = 8;

    private readonly SafeFileHandle?[] _handles = new SafeFileHandle?[Count];

    public ReserveDescriptors() => TryTake();

    /// <summary>Fills the reserve. False when the process has too few free descriptors.</summary>
    public bool TryTake()
    {
        for (int i = 0; i < _handles.Length; i++)
        {
            if ((_handles[i] ??= Take()) is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Releases the reserve. False when it was empty.</summary>
    public bool Release()
    {
        bool wasHeld = false;
        foreach (ref SafeFileHandle? handle in _handles.AsSpan())
        {
            wasHeld |= handle is not null;
            handle?.Dispose();
            handle = null;
        }

        return wasHeld;
    }

    public void Dispose() => Release();

    private static SafeFileHandle? Take()
    {
        if (OperatingSystem.IsLinux())
        {
            // An eventfd needs no path and fails without an exception.
            int descriptor = LinuxEpoll.CreateEvent();
            return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        }

        try
        {
            return File.OpenHandle(OperatingSystem.IsWindows() ? "NUL" : "/dev/null");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
