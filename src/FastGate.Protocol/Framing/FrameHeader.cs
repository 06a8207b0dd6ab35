namespace FastGate.Protocol.Framing;

/// <summary>The header of one frame (RFC 6455 section 5.2): all that is known before its payload.</summary>
public readonly struct FrameHeader
{
    /// <summary>Bytes of the largest header: two, a 64-bit length and a mask key.</summary>
    public const int MaxSize = 14;

    /// <summary>Bytes of the largest header without a mask key, which is what a server writes.</summary>
    public const int MaxUnmaskedSize = 10;

    /// <summary>The longest payload a control frame may have (section 5.5).</summary>
    public const int MaxControlPayload = 125;

    private readonly byte _size;

    /// <summary>Puts a header together from its parts; nothing is checked here.</summary>
    public FrameHeader(Opcode opcode, bool fin, long payloadLength, bool masked, uint maskKey, int size)
    {
        PayloadLength = payloadLength;
        MaskKey = maskKey;
        Opcode = opcode;
        Fin = fin;
        Masked = masked;
        _size = (byte)size;
    }

    /// <summary>Bytes of payload that follow the header, 0 to 2^63-1.</summary>
    public long PayloadLength { get; }

    /// <summary>The masking key in wire order, first byte lowest; 0 in an unmasked frame.</summary>
    public uint MaskKey { get; }

    /// <summary>What the frame carries.</summary>
    public Opcode Opcode { get; }

    /// <summary>Whether this is the last frame of its message.</summary>
    public bool Fin { get; }

    /// <summary>Whether the payload is masked, as every client frame must be.</summary>
    public bool Masked { get; }

    /// <summary>Bytes of the header itself, 2 to <see cref="MaxSize"/>.</summary>
    public int Size => _size;

    /// <summary>Whether this is a Close, Ping or Pong, which may stand between the fragments of a message.</summary>
    public bool IsControl => Opcode >= Opcode.Close;
}
