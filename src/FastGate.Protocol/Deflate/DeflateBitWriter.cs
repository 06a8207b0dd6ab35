using System.Buffers.Binary;

namespace FastGate.Protocol.Deflate;

/// <summary>Writes bits, the lowest bit of each byte first (RFC 1951 section 3.1.1).</summary>
internal ref struct DeflateBitWriter(Span<byte> output)
{
    private readonly Span<byte> _output = output;
    private int _length;
    private ulong _bits;
    private int _count;

    /// <summary>More was written than there is room; the rest is lost.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Writes at most 32 bits. Those above the count must be zero.</summary>
    public void Write(uint value, int count)
    {
        _bits |= (ulong)value << _count;
        _count += count;
        if (_count < 32)
        {
            return;
        }

        if (_output.Length - _length >= sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_output[_length..], (uint)_bits);
            _length += sizeof(uint);
        }
        else
        {
            IsFull = true;
        }

        _bits >>= 32;
        _count -= 32;
    }

    /// <summary>Fills the last byte with zeros. Returns the number of bytes; 0 when there was no room.</summary>
    public int End()
    {
        for (; _count > 0 && !IsFull; _count -= 8, _bits >>= 8)
        {
            if (_length == _output.Length)
            {
                IsFull = true;
                break;
            }

            _output[_length++] = (byte)_bits;
        }

        return IsFull ? 0 : _length;
    }
}
