using Microsoft.Win32.SafeHandles;

namespace FastGate.Transport.Linux;

/// <summary>Anonymous files in memory, which can be passed as descriptors. They are closed on exec.</summary>
internal static unsafe class MemoryFile
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;

    /// <param name="name">Shown in <c>/proc/PID/fd</c> only.</param>
    /// <param name="isSealable">Whether its holder may seal it.</param>
    public static SafeFileHandle Create(ReadOnlySpan<byte> name, bool isSealable = false)
    {
        uint flags = CloseOnExec | (isSealable ? AllowSealing : 0);
        fixed (byte* pointer = name)
        {
            return new SafeFileHandle(LinuxError.ThrowIfError(LibC.ResultOrError(LibC.CreateMemoryFile(pointer, flags)), "memfd_create"), ownsHandle: true);
        }
    }

    /// <summary>Takes ownership of a received descriptor.</summary>
    public static SafeFileHandle Own(int descriptor) => new(descriptor, ownsHandle: true);
}
