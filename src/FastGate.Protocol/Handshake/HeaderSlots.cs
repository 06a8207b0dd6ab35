using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Handshake;

/// <summary>Position of the first value of each known header: offset in the upper 16 bits, length in the lower.</summary>
/// <remarks>Zero means absent: no value starts at offset 0, which is in the request line.</remarks>
[InlineArray(Count + 1)]
internal struct HeaderSlots
{
    /// <summary>Slots that are read; the one behind them, <see cref="KnownHeader.Ignored"/>, spares its writer a question.</summary>
    public const int Count = (int)KnownHeader.Ignored;

    private uint _first;
}
