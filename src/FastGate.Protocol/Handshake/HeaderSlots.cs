using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Handshake;

/// <summary>Where the first value of each known header stands: offset in the upper 16 bits, length in the lower.</summary>
/// <remarks>Zero means absent: no value starts at offset 0, where the request line stands.</remarks>
[InlineArray(Count + 1)]
internal struct HeaderSlots
{
    /// <summary>Slots that are read; the one behind them, <see cref="KnownHeader.Ignored"/>, spares its writer a question.</summary>
    public const int Count = (int)KnownHeader.Ignored;

    private uint _first;
}
