namespace FastGate.Protocol.Framing;

/// <summary>The header of one frame (RFC 6455 section 5.2).</summary>
public readonly struct FrameHeader
{
    /// <summary>Size in bytes of the largest header: 2 + 8 (64-bit length) + 4 (masking key).</summary>
    public const int MaxSize = 14;

    /// <summary>Size in bytes of the largest header without a masking key, as a server sends it.</summary>
    public const int MaxUnmaskedSize = 10;

    /// <summary>Maximum payload of a control frame in bytes (section 5.5).</summary>
    public const int MaxControlPayload = 125;

    private const byte CompressedBit = 0x80;

    // With the bit for a compressed message, so that the struct stays at 16 bytes.
    private readonly byte _size;

    /// <summary>Creates a header. The values are not checked.</summary>
    public FrameHeader(Opcode opcode, bool fin, long payloadLength, bool masked, uint maskKey, int size, bool isCompressed = false)
    {
        PayloadLength = payloadLength;
        MaskKey = maskKey;
        Opcode = opcode;
        Fin = fin;
        Masked = masked;
        _size = (byte)(isCompressed ? size | CompressedBit : size);
    }

    /// <summary>Length of the payload in bytes, 0 to 2^63-1.</summary>
    public long PayloadLength { get; }

    /// <summary>The masking key with the first byte on the wire in the lowest bits; 0 in an unmasked frame.</summary>
    public uint MaskKey { get; }

    /// <summary>The opcode.</summary>
    public Opcode Opcode { get; }

    /// <summary>True for the last frame of its message.</summary>
    public bool Fin { get; }

    /// <summary>True when the payload is masked, as every client frame must be (section 5.1).</summary>
    public bool Masked { get; }

    /// <summary>Size of the header in bytes, 2 to <see cref="MaxSize"/>.</summary>
    public int Size => _size & ~CompressedBit;

    /// <summary>RSV1: the frame starts a compressed message (RFC 7692 section 6).</summary>
    public bool IsCompressed => (_size & CompressedBit) != 0;

    /// <summary>True for Close, Ping and Pong, which may come between the fragments of a message.</summary>
    public bool IsControl => Opcode >= Opcode.Close;
}
