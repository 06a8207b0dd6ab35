namespace FastGate.Protocol.Audio;

/// <summary>
/// The structure of one Opus packet (RFC 6716 section 3), read without decoding. Bytes that fail here must not reach a decoder: decoders
/// report them by exceptions or error codes that cost more than this check. No allocation.
/// </summary>
public readonly struct OpusPacket
{
    /// <summary>The longest duration of a packet in milliseconds (RFC 6716 section 3.2.5, requirement R5).</summary>
    public const int MaxDurationMs = 120;

    private const int MaxFrameBytes = 1275;
    private const int SamplesPerMs = 48;

    private OpusPacket(OpusMode mode, bool isStereo, int frameCount, int samplesPerFrame, int firstFrame, int firstFrameLength, int shortest)
    {
        HasEmptyFrame = shortest <= 1;
        Mode = mode;
        IsStereo = isStereo;
        FrameCount = frameCount;
        SamplesPerFrame = samplesPerFrame;
        FirstFrame = firstFrame;
        FirstFrameLength = firstFrameLength;
    }

    /// <summary>The coding layers.</summary>
    public OpusMode Mode { get; }

    /// <summary>True for two channels.</summary>
    public bool IsStereo { get; }

    /// <summary>Number of frames, 1 to 48.</summary>
    public int FrameCount { get; }

    /// <summary>Duration of one frame in samples at 48 kHz: 120 (2.5 ms) to 2,880 (60 ms).</summary>
    public int SamplesPerFrame { get; }

    /// <summary>Duration of the packet in samples at 48 kHz, at most 5,760 (120 ms).</summary>
    public int Samples => FrameCount * SamplesPerFrame;

    /// <summary>True when the first frame has at most one byte: the encoder had nothing to send (DTX, RFC 6716 section 2.1.9).</summary>
    public bool IsSilence => FirstFrameLength <= 1;

    /// <summary>True when any frame has at most one byte: it is valid, and a decoder conceals it (RFC 6716 section 2.1.9).</summary>
    public bool HasEmptyFrame { get; }

    private int FirstFrame { get; }

    private int FirstFrameLength { get; }

    /// <summary>Reads the structure of a packet.</summary>
    /// <param name="packet">The packet, without any framing.</param>
    /// <param name="parsed">The structure when the result is true.</param>
    /// <returns>False when the packet violates RFC 6716 section 3.4.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out OpusPacket parsed)
    {
        parsed = default;
        if (packet.IsEmpty)
        {
            return false;
        }

        int toc = packet[0];
        ReadOnlySpan<byte> rest = packet[1..];
        int samples = SamplesOf(toc >> 3);
        OpusMode mode = (toc >> 3) switch { < 12 => OpusMode.Silk, < 16 => OpusMode.Hybrid, _ => OpusMode.Celt };
        if (!TryCount(toc & 3, rest, out int count, out int first, out int length, out int shortest) || count * samples > MaxDurationMs * SamplesPerMs)
        {
            return false;
        }

        parsed = new OpusPacket(mode, (toc & 4) != 0, count, samples, 1 + first, length, shortest);
        return true;
    }

    /// <summary>
    /// What the encoder itself decided about voice in the first frame: SILK writes it into the first bits of the frame (RFC 6716 section 4.2.3).
    /// </summary>
    /// <param name="packet">The packet that was parsed.</param>
    /// <returns>True or false for SILK and hybrid frames; null for CELT and for frames without data.</returns>
    public bool? HasVoice(ReadOnlySpan<byte> packet)
    {
        if (Mode == OpusMode.Celt || FirstFrameLength < 2)
        {
            return null;
        }

        // One flag for each SILK frame of 20 ms, from the highest bit on.
        int flags = Math.Max(1, SamplesPerFrame / (20 * SamplesPerMs));
        return packet[FirstFrame] >> (8 - flags) != 0;
    }

    /// <summary>Section 3.1, table 2.</summary>
    private static int SamplesOf(int configuration) => configuration switch
    {
        < 12 => (configuration & 3) switch { 0 => 480, 1 => 960, 2 => 1920, _ => 2880 },
        < 16 => (configuration & 1) == 0 ? 480 : 960,
        _ => 120 << (configuration & 3),
    };

    /// <summary>Section 3.2: the number of frames, and where the first one lies in <paramref name="rest"/>. Checks every declared length.</summary>
    private static bool TryCount(int code, ReadOnlySpan<byte> rest, out int count, out int first, out int length, out int shortest)
    {
        first = 0;
        switch (code)
        {
            case 0:
                count = 1;
                length = shortest = rest.Length;
                return length <= MaxFrameBytes;
            case 1:
                count = 2;
                length = shortest = rest.Length / 2;
                return rest.Length % 2 == 0 && length <= MaxFrameBytes;
            case 2:
                count = 2;
                bool isLegible = TryLength(ref rest, ref first, out length);
                shortest = Math.Min(length, rest.Length - length);
                return isLegible && length <= rest.Length && rest.Length - length <= MaxFrameBytes;
            default:
                return TryMany(rest, out count, out first, out length, out shortest);
        }
    }

    /// <summary>Section 3.2.5: any number of frames, of one size or of several, with padding.</summary>
    private static bool TryMany(ReadOnlySpan<byte> rest, out int count, out int first, out int length, out int shortest)
    {
        count = first = length = shortest = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        int header = rest[0];
        count = header & 0x3F;
        rest = rest[1..];
        first = 1;
        if (count is 0 or > 48 || ((header & 0x40) != 0 && !TryTrimPadding(ref rest, ref first)))
        {
            return false;
        }

        if ((header & 0x80) == 0)
        {
            length = shortest = rest.Length / count;
            return length * count == rest.Length && length <= MaxFrameBytes;
        }

        int declared = 0;
        shortest = MaxFrameBytes;
        for (int i = 0; i < count - 1; i++)
        {
            if (!TryLength(ref rest, ref first, out int one))
            {
                return false;
            }

            length = i == 0 ? one : length;
            shortest = Math.Min(shortest, one);
            declared += one;
        }

        int last = rest.Length - declared;
        length = count == 1 ? last : length;
        shortest = Math.Min(shortest, last);
        return last is >= 0 and <= MaxFrameBytes;
    }

    private static bool TryTrimPadding(ref ReadOnlySpan<byte> rest, ref int first)
    {
        int padding = 0;
        int read;
        do
        {
            if (rest.IsEmpty)
            {
                return false;
            }

            read = rest[0];
            rest = rest[1..];
            first++;
            padding += read == 255 ? 254 : read;
        }
        while (read == 255);

        if (padding > rest.Length)
        {
            return false;
        }

        rest = rest[..^padding];
        return true;
    }

    /// <summary>Section 3.2.1: a frame length of one or two bytes.</summary>
    private static bool TryLength(ref ReadOnlySpan<byte> rest, ref int first, out int length)
    {
        length = rest.IsEmpty ? -1 : rest[0];
        int size = length >= 252 ? 2 : 1;
        if (length < 0 || rest.Length < size)
        {
            return false;
        }

        length += size == 2 ? rest[1] * 4 : 0;
        rest = rest[size..];
        first += size;
        return true;
    }
}
