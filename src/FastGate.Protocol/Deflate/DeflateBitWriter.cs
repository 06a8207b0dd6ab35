namespace FastGate.Protocol.Deflate;

/// <summary>Writes bits, the lowest bit of each byte first (RFC 1951 section 3.1.1).</summary>
internal ref struct DeflateBitWriter(Span<byte> output)
{
    private readonly Span<byte> _output = output;
    private int _length;
    private uint _bits;
    private int _count;

    /// <summary>More was written than there is room; the rest is lost.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Writes a number, at most 16 bits.</summary>
    public void Write(int value, int count)
    {
        _bits |= (uint)value << _count;
        for (_count += count; _count >= 8; _count -= 8)
        {
            Flush();
        }
    }

    /// <summary>Writes a Huffman code, whose highest bit comes first.</summary>
    public void WriteCode(int code, int count)
    {
        int reversed = 0;
        for (int bit = 0; bit < count; bit++)
        {
            reversed = (reversed << 1) | ((code >> bit) & 1);
        }

        Write(reversed, count);
    }

    /// <summary>Fills the last byte with zeros. Returns the number of bytes; 0 when there was no room.</summary>
    public int End()
    {
        if (_count > 0)
        {
            Flush();
            _count = 0;
        }

        return IsFull ? 0 : _length;
    }

    private void Flush()
    {
        if (_length < _output.Length)
        {
            _output[_length++] = (byte)_bits;
        }
        else
        {
            IsFull = true;
        }

        _bits >>= 8;
    }
}
