using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Handshake;

/// <summary>Position of the first value of each known header: offset in the upper 16 bits, length in the lower.</summary>
/// <remarks>Zero means absent: offset 0 is in the request line.</remarks>
[InlineArray(Count + 1)]
internal struct HeaderSlots
{
    /// <summary>Number of slots that are read. One more, for <see cref="KnownHeader.Ignored"/>, saves the writer a branch.</summary>
    public const int Count = (int)KnownHeader.Ignored;

    private uint _first;
}
