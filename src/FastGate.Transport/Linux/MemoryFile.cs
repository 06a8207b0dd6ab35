using Microsoft.Win32.SafeHandles;

namespace FastGate.Transport.Linux;

/// <summary>Anonymous files in memory, which can be passed as descriptors. They are closed on exec.</summary>
internal static unsafe class MemoryFile
{
    private const uint CloseOnExec = 1;

    /// <param name="name">Shown in <c>/proc/PID/fd</c> only.</param>
    public static SafeFileHandle Create(ReadOnlySpan<byte> name)
    {
        fixed (byte* pointer = name)
        {
            return new SafeFileHandle(LinuxError.ThrowIfError(LibC.ResultOrError(LibC.CreateMemoryFile(pointer, CloseOnExec)), "memfd_create"), ownsHandle: true);
        }
    }

    /// <summary>Takes ownership of a received descriptor.</summary>
    public static SafeFileHandle Own(int descriptor) => new(descriptor, ownsHandle: true);
}
