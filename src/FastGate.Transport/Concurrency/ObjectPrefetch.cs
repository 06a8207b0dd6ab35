using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FastGate.Transport.Concurrency;

/// <summary>Asks the processor to load an object into its cache. Does nothing where it has no such instruction that .NET offers.</summary>
internal static class ObjectPrefetch
{
    private const int LineSize = 64;

    /// <summary>
    /// The cache lines of the object's first bytes. The object may move between the read of its address and the instruction: a prefetch never faults,
    /// and then only loads the wrong lines.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // A call costs more than the instructions.
    public static unsafe void Load(object? target, int bytes)
    {
        if (Sse.IsSupported && target is not null)
        {
            byte* address = (byte*)Unsafe.As<object?, nint>(ref target);
            for (int offset = 0; offset < bytes; offset += LineSize)
            {
                Sse.Prefetch0(address + offset);
            }
        }
    }
}
