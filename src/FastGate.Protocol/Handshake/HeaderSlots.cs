using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Handshake;

/// <summary>Where the first value of each known header stands: offset in the upper 16 bits, length in the lower.</summary>
/// <remarks>Zero means absent: no value starts at offset 0, where the request line stands.</remarks>
[InlineArray(Count)]
internal struct HeaderSlots
{
    public const int Count = (int)KnownHeader.Unknown;

    private uint _first;
}
