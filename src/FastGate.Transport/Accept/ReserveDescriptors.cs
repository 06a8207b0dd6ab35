using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Transport.Accept;

/// <summary>
/// A few descriptors held back for the hour when there are none left. Given up, they let newcomers be accepted, answered and
/// closed where they would hang in the backlog, and the runtime load an assembly it comes to need: without, it ends the
/// process. One owner.
/// </summary>
internal sealed class ReserveDescriptors : IDisposable
{
    public const int Count = 8;

    private readonly SafeFileHandle?[] _handles = new SafeFileHandle?[Count];

    public ReserveDescriptors() => TryTake();

    /// <summary>Takes what is missing. False when the process has not enough to give.</summary>
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

    /// <summary>Gives up what is held. False when nothing was.</summary>
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
            // Any kind will do; this one needs no path, and fails without an exception.
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
