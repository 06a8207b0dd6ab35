namespace FastGate.Transport.Tls;

/// <summary>Reads numbers and parts of a <see cref="ClientHello"/>. Beyond the end everything is empty, and <see cref="IsBroken"/> is set.</summary>
internal ref struct HelloBytes(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool IsBroken { get; private set; }

    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>A number of 1 to 3 bytes, most significant first.</summary>
    public int ReadLength(int size)
    {
        int value = 0;
        foreach (byte one in Take(size))
        {
            value = (value << 8) | one;
        }

        return value;
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            IsBroken = true;
            _rest = default;
            return default;
        }

        ReadOnlySpan<byte> part = _rest[..length];
        _rest = _rest[length..];
        return part;
    }
}
