using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Transport;

/// <summary>The process's limit of descriptors, lowered until there is none left, and put back.</summary>
internal sealed partial class DescriptorLimit : IDisposable
{
    private const int NumberOfFiles = 7;

    private readonly Stack<SafeFileHandle> _hoard = new();
    private readonly Limits _before;

    public DescriptorLimit()
    {
        Assert.Equal(0, GetLimit(NumberOfFiles, out _before));
        int highest = Directory.GetFileSystemEntries("/proc/self/fd")
            .Max(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
        Limits lowered = _before with { Soft = (ulong)highest + 1 };
        Assert.Equal(0, SetLimit(NumberOfFiles, in lowered));
        Exhaust();
    }

    /// <summary>Takes every descriptor that is left.</summary>
    public void Exhaust()
    {
        try
        {
            while (true)
            {
                _hoard.Push(File.OpenHandle("/dev/null"));
            }
        }
        catch (IOException)
        {
            // None left: that was the aim.
        }
    }

    public void Free(int count)
    {
        while (count-- > 0 && _hoard.TryPop(out SafeFileHandle? handle))
        {
            handle.Dispose();
        }
    }

    public void Dispose()
    {
        Free(int.MaxValue);
        Assert.Equal(0, SetLimit(NumberOfFiles, in _before));
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limits limits);

    private record struct Limits(ulong Soft, ulong Hard);
}
