using System.Buffers.Binary;

namespace FastGate.Speech.Synthesis;

/// <summary>
/// Reads little-endian 16-bit samples from a stream as they come: raw ones, or those of a WAV file. The pieces of a stream may end between the two
/// bytes of a sample.
/// </summary>
internal sealed class SampleStream(Stream stream)
{
    private const int Riff = 12;

    private readonly byte[] _bytes = new byte[16 * 1024];
    private readonly short[] _samples = new short[8 * 1024];
    private int _kept;
    private long _rest = long.MaxValue;

    /// <summary>Reads the beginning, which tells a WAV file from raw samples: servers ignore the format that they are asked for.</summary>
    /// <param name="rawRate">The sample rate of raw samples; 0 refuses them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The sample rate, or 0 when the stream is not 16-bit mono sound.</returns>
    public async ValueTask<int> OpenAsync(int rawRate, CancellationToken cancellationToken)
    {
        _kept = await stream.ReadAtLeastAsync(_bytes.AsMemory(0, Riff), Riff, throwOnEndOfStream: false, cancellationToken);
        if (_kept == Riff && _bytes.AsSpan(0, 4).SequenceEqual("RIFF"u8) && _bytes.AsSpan(8, 4).SequenceEqual("WAVE"u8))
        {
            _kept = 0;
            IsWav = true;
            return await ReadHeaderAsync(cancellationToken);
        }

        return rawRate;
    }

    public bool IsWav { get; private set; }

    /// <summary>The first bytes, after <see cref="OpenAsync"/> has found no WAV file.</summary>
    public ReadOnlyMemory<byte> Head => _bytes.AsMemory(0, _kept);

    /// <summary>The next samples; empty at the end of the stream. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<short>> ReadAsync(CancellationToken cancellationToken)
    {
        while (_kept < sizeof(short))
        {
            int room = (int)Math.Min(_bytes.Length - _kept, _rest);
            int read = room == 0 ? 0 : await stream.ReadAsync(_bytes.AsMemory(_kept, room), cancellationToken);
            if (read == 0)
            {
                return default;
            }

            _rest -= read;
            _kept += read;
        }

        int count = _kept / sizeof(short);
        for (int i = 0; i < count; i++)
        {
            _samples[i] = BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(i * sizeof(short)));
        }

        int used = count * sizeof(short);
        _bytes[0] = _bytes[_kept - 1];
        _kept -= used;
        return _samples.AsMemory(0, count);
    }

    /// <summary>The chunks of a WAV file up to its samples.</summary>
    private async ValueTask<int> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        int sampleRate = 0;
        while (await stream.ReadAtLeastAsync(_bytes.AsMemory(0, 8), 8, throwOnEndOfStream: false, cancellationToken) == 8)
        {
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(4));
            if (_bytes.AsSpan(0, 4).SequenceEqual("data"u8))
            {
                // A file that is written while it is made has no size, or one that is too large.
                _rest = size is 0 or >= int.MaxValue ? long.MaxValue : size;
                return sampleRate;
            }

            bool isFormat = _bytes.AsSpan(0, 4).SequenceEqual("fmt "u8) && size >= 16;
            long left = size + (size & 1);
            for (bool isFirst = true; left > 0; isFirst = false)
            {
                int part = (int)Math.Min(left, _bytes.Length);
                await stream.ReadExactlyAsync(_bytes.AsMemory(0, part), cancellationToken);
                sampleRate = isFormat && isFirst ? RateOf(_bytes) : sampleRate;
                left -= part;
            }
        }

        return 0;
    }

    /// <summary>0 for anything but 16-bit mono samples; the format of an extensible header is that of its samples.</summary>
    private static int RateOf(ReadOnlySpan<byte> format)
    {
        bool isPcm = BinaryPrimitives.ReadUInt16LittleEndian(format) is 1 or 0xFFFE
            && BinaryPrimitives.ReadUInt16LittleEndian(format[2..]) == 1
            && BinaryPrimitives.ReadUInt16LittleEndian(format[14..]) == 16;
        int rate = BinaryPrimitives.ReadInt32LittleEndian(format[4..]);
        return isPcm && rate is >= 8_000 and <= 192_000 ? rate : 0;
    }
}
