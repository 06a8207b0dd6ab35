using System.Buffers.Binary;
using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;

namespace FastGate.Speech.Synthesis;

/// <summary>Reads the sound of an Ogg Opus stream as it comes. The checksums of pages are not verified: the connection has its own.</summary>
/// <param name="stream">The stream after <paramref name="head"/>.</param>
/// <param name="head">Its first bytes, which were read to find out what it is.</param>
internal sealed class OggOpusStream(Stream stream, ReadOnlyMemory<byte> head) : IDisposable
{
    /// <summary>Any Opus stream decodes to any rate; the devices' replies have this one.</summary>
    public const int SampleRate = 24_000;

    private const int PageHeader = 27;

    /// <summary>More than any Opus packet; tags, which may hold a picture, are cut there.</summary>
    private const int MaxPacket = 8 * 1024;

    private readonly IOpusDecoder _decoder = OpusCodec.Best.CreateDecoder(SampleRate);
    private readonly byte[] _header = new byte[PageHeader + byte.MaxValue];
    private readonly byte[] _body = new byte[byte.MaxValue * byte.MaxValue];
    private readonly byte[] _packet = new byte[MaxPacket];
    private readonly short[] _samples = new short[OpusPacket.MaxDurationMs * SampleRate / 1000];
    private ReadOnlyMemory<byte> _head = head;
    private int _segments;
    private int _segment;
    private int _at;
    private int _skip;

    /// <summary>Whether these are the first bytes of an Ogg stream.</summary>
    public static bool IsStart(ReadOnlySpan<byte> bytes) => bytes.StartsWith("OggS"u8);

    /// <summary>The next samples; empty at the end of the stream. Valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The stream is not Ogg Opus.</exception>
    public async ValueTask<ReadOnlyMemory<short>> ReadAsync(CancellationToken cancellationToken)
    {
        for (int length = await ReadPacketAsync(cancellationToken); length > 0; length = await ReadPacketAsync(cancellationToken))
        {
            ReadOnlySpan<byte> packet = _packet.AsSpan(0, length);
            if (packet.StartsWith("OpusHead"u8) && length >= 12)
            {
                // In samples of 48 kHz.
                _skip = BinaryPrimitives.ReadUInt16LittleEndian(packet[10..]) * SampleRate / 48_000;
                continue;
            }

            if (packet.StartsWith("OpusTags"u8) || !OpusPacket.TryParse(packet, out _))
            {
                continue;
            }

            int count = Math.Max(0, _decoder.Decode(packet, _samples));
            int skipped = Math.Min(_skip, count);
            _skip -= skipped;
            if (count > skipped)
            {
                return _samples.AsMemory(skipped, count - skipped);
            }
        }

        return default;
    }

    public void Dispose() => _decoder.Dispose();

    /// <summary>The length of the next packet, which may be in several pages; 0 at the end.</summary>
    private async ValueTask<int> ReadPacketAsync(CancellationToken cancellationToken)
    {
        int length = 0;
        while (true)
        {
            while (_segment < _segments)
            {
                int size = _header[PageHeader + _segment++];
                int kept = Math.Min(size, MaxPacket - length);
                _body.AsSpan(_at, kept).CopyTo(_packet.AsSpan(length));
                _at += size;
                length += kept;
                if (size < byte.MaxValue && length > 0)
                {
                    return length;
                }
            }

            if (!await ReadPageAsync(cancellationToken))
            {
                return 0;
            }
        }
    }

    private async ValueTask<bool> ReadPageAsync(CancellationToken cancellationToken)
    {
        int read = await ReadAsync(_header.AsMemory(0, PageHeader), cancellationToken);
        if (read == 0)
        {
            return false;
        }

        if (read < PageHeader || !IsStart(_header))
        {
            throw new InvalidDataException("not a page of Ogg");
        }

        _segments = _header[PageHeader - 1];
        _segment = 0;
        _at = 0;
        await ReadAsync(_header.AsMemory(PageHeader, _segments), cancellationToken);
        int bytes = 0;
        for (int i = 0; i < _segments; i++)
        {
            bytes += _header[PageHeader + i];
        }

        return await ReadAsync(_body.AsMemory(0, bytes), cancellationToken) == bytes;
    }

    private async ValueTask<int> ReadAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        int known = Math.Min(bytes.Length, _head.Length);
        _head[..known].CopyTo(bytes);
        _head = _head[known..];
        return known + (known == bytes.Length ? 0 : await stream.ReadAtLeastAsync(bytes[known..], bytes.Length - known, throwOnEndOfStream: false, cancellationToken));
    }
}
