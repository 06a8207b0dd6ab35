using System.Runtime.InteropServices;

namespace FastGate.Transport.Concurrency;

/// <summary>A number on a cache line of its own, wherever it is embedded.</summary>
/// <remarks>128 bytes, because processors fetch lines in pairs; the offset separates it from the field before it as well.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedCount
{
    [FieldOffset(64)]
    public long Value;
}
