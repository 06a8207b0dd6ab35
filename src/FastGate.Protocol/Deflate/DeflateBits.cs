namespace FastGate.Protocol.Deflate;

/// <summary>
/// Reads bits of a compressed message, the lowest bit of each byte first (RFC 1951 section 3.1.1), and after them the four bytes that the sender has removed
/// (RFC 7692 section 7.2.2).
/// </summary>
internal ref struct DeflateBits(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _position;
    private uint _bits;
    private int _count;

    /// <summary>More bits were taken than there are; the missing ones were zero.</summary>
    public bool IsOverrun { get; private set; }

    /// <summary>Every bit is used, those of the removed bytes too.</summary>
    public readonly bool IsAtEnd => IsOverrun || (_count == 0 && _position == _payload.Length + Tail.Length);

    /// <summary>Every bit of the payload is used.</summary>
    public readonly bool IsPayloadUsed => _count == 0 && _position >= _payload.Length;

    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>The next bits, at most 16.</summary>
    public int Take(int count)
    {
        while (_count < count)
        {
            int after = _position - _payload.Length;
            if (after >= Tail.Length)
            {
                IsOverrun = true;
                return 0;
            }

            _bits |= (uint)(after < 0 ? _payload[_position] : Tail[after]) << _count;
            _position++;
            _count += 8;
        }

        int value = (int)(_bits & ((1u << count) - 1));
        _bits >>= count;
        _count -= count;
        return value;
    }

    /// <summary>Drops the rest of the current byte.</summary>
    public void Align()
    {
        _bits >>= _count & 7;
        _count -= _count & 7;
    }
}
