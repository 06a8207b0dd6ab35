using FastGate.Speech.Synthesis;

namespace FastGate.Speech.Playing;

/// <summary>Encodes sound of any sample rate; a rate that Opus does not know is converted to 24 kHz. For one stretch of sound of one device.</summary>
internal sealed class SoundEncoder(FrameEncoders encoders) : IDisposable
{
    private const int ConvertedRate = 24_000;

    private FrameEncoder? _encoder;
    private SoundResampler? _resampler;
    private int _sourceRate;

    public void Encode(SoundPiece piece, Playback playback)
    {
        if (_encoder is null || _sourceRate != piece.SampleRate)
        {
            Flush(playback);
            Open(piece.SampleRate);
        }

        _encoder!.Encode(_resampler is null ? piece.Samples.Span : _resampler.Convert(piece.Samples.Span), playback);
    }

    /// <summary>Sends the rest.</summary>
    public void Flush(Playback playback) => _encoder?.Flush(playback);

    public void Dispose() => Close();

    private void Open(int sampleRate)
    {
        Close();
        _sourceRate = sampleRate;
        bool known = sampleRate is 8_000 or 12_000 or 16_000 or 24_000 or 48_000;
        _encoder = encoders.Rent(known ? sampleRate : ConvertedRate);
        _resampler = known ? null : new SoundResampler(sampleRate, ConvertedRate);
    }

    private void Close()
    {
        if (_encoder is { } encoder)
        {
            _encoder = null;
            encoders.Return(encoder);
        }

        _resampler = null;
    }
}
