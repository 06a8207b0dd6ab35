using Microsoft.Win32.SafeHandles;

namespace FastGate.Transport;

/// <summary>
/// A descriptor held back for the hour when there is none left: given up, it lets one more connect be accepted, answered
/// and closed, where otherwise the newcomer would hang in the backlog. One owner.
/// </summary>
internal sealed class ReserveDescriptor : IDisposable
{
    private SafeFileHandle? _handle;

    public ReserveDescriptor() => TryTake();

    /// <summary>Takes a descriptor if none is held. False when the process still has none to give.</summary>
    public bool TryTake()
    {
        if (_handle is not null)
        {
            return true;
        }

        try
        {
            _handle = File.OpenHandle(OperatingSystem.IsWindows() ? "NUL" : "/dev/null");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Gives the descriptor up. False when none was held.</summary>
    public bool Release()
    {
        if (_handle is null)
        {
            return false;
        }

        _handle.Dispose();
        _handle = null;
        return true;
    }

    public void Dispose() => Release();
}
