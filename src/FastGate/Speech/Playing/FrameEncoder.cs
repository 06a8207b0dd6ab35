using FastGate.Speech.Codec;

namespace FastGate.Speech.Playing;

/// <summary>Cuts samples into frames and encodes them. Belongs to one playback at a time.</summary>
internal sealed class FrameEncoder(IOpusEncoder encoder, int sampleRate, int frameMs) : IDisposable
{
    private readonly short[] _frame = new short[sampleRate * frameMs / 1000];
    private readonly byte[] _packet = new byte[IOpusEncoder.MaxPacket];
    private int _filled;

    public int SampleRate { get; } = sampleRate;

    public int FrameSamples => _frame.Length;

    /// <summary>Encodes all whole frames; the rest waits for more.</summary>
    public void Encode(ReadOnlySpan<short> samples, Playback playback)
    {
        while (!samples.IsEmpty)
        {
            int count = Math.Min(samples.Length, _frame.Length - _filled);
            samples[..count].CopyTo(_frame.AsSpan(_filled));
            samples = samples[count..];
            _filled += count;
            if (_filled == _frame.Length)
            {
                Emit(playback);
            }
        }
    }

    /// <summary>Encodes the rest, filled up with silence, so that the end of the last word is heard.</summary>
    public void Flush(Playback playback)
    {
        if (_filled > 0)
        {
            _frame.AsSpan(_filled).Clear();
            Emit(playback);
        }
    }

    /// <summary>Ready for another device.</summary>
    public void Reset()
    {
        _filled = 0;
        encoder.Reset();
    }

    public void Dispose() => encoder.Dispose();

    private void Emit(Playback playback)
    {
        _filled = 0;
        int length = encoder.Encode(_frame, _packet);
        playback.AddFrame(_packet.AsSpan(0, length).ToArray());
    }
}
