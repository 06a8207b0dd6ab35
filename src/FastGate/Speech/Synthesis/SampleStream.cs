using System.Buffers.Binary;

namespace FastGate.Speech.Synthesis;

/// <summary>Reads little-endian 16-bit samples from a stream as they come. The pieces of a stream may end between the two bytes of a sample.</summary>
internal sealed class SampleStream(Stream stream)
{
    private readonly byte[] _bytes = new byte[16 * 1024];
    private readonly short[] _samples = new short[8 * 1024];
    private int _kept;

    /// <summary>The next samples; empty at the end of the stream. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<short>> ReadAsync(CancellationToken cancellationToken)
    {
        int count = 0;
        while (count == 0)
        {
            int read = await stream.ReadAsync(_bytes.AsMemory(_kept), cancellationToken);
            if (read == 0)
            {
                return default;
            }

            int bytes = _kept + read;
            count = bytes / sizeof(short);
            for (int i = 0; i < count; i++)
            {
                _samples[i] = BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(i * sizeof(short)));
            }

            _kept = bytes % sizeof(short);
            _bytes[0] = _kept == 1 ? _bytes[bytes - 1] : _bytes[0];
        }

        return _samples.AsMemory(0, count);
    }

    /// <summary>Reads past the header of a WAV file.</summary>
    /// <returns>The sample rate, or 0 when the stream is not 16-bit mono WAV.</returns>
    public async ValueTask<int> ReadWavHeaderAsync(CancellationToken cancellationToken)
    {
        byte[] header = new byte[12];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length
            || !header.AsSpan(0, 4).SequenceEqual("RIFF"u8) || !header.AsSpan(8, 4).SequenceEqual("WAVE"u8))
        {
            return 0;
        }

        int sampleRate = 0;
        byte[] chunk = new byte[8];
        while (await stream.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken) == chunk.Length)
        {
            if (chunk.AsSpan(0, 4).SequenceEqual("data"u8))
            {
                return sampleRate;
            }

            int size = BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(4));
            byte[] body = new byte[Math.Clamp(size, 0, 4096)];
            await stream.ReadExactlyAsync(body, cancellationToken);
            if (chunk.AsSpan(0, 4).SequenceEqual("fmt "u8) && body.Length >= 16)
            {
                bool isPcm = BinaryPrimitives.ReadInt16LittleEndian(body) == 1
                    && BinaryPrimitives.ReadInt16LittleEndian(body.AsSpan(2)) == 1
                    && BinaryPrimitives.ReadInt16LittleEndian(body.AsSpan(14)) == 16;
                sampleRate = isPcm ? BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(4)) : 0;
            }
        }

        return 0;
    }
}
