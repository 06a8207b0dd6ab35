using FastGate.Speech.Synthesis;
using NAudio.Dsp;

namespace FastGate.Speech.Playing;

/// <summary>Encodes sound of any sample rate; a rate that Opus does not know is converted to 24 kHz. For one stretch of sound of one device.</summary>
internal sealed class SoundEncoder(FrameEncoders encoders) : IDisposable
{
    private const int ConvertedRate = 24_000;

    private FrameEncoder? _encoder;
    private WdlResampler? _resampler;
    private int _sourceRate;
    private float[] _converted = [];
    private short[] _samples = [];

    public void Encode(SoundPiece piece, Playback playback)
    {
        if (_encoder is null || _sourceRate != piece.SampleRate)
        {
            Flush(playback);
            Open(piece.SampleRate);
        }

        _encoder!.Encode(_resampler is null ? piece.Samples.Span : Convert(piece.Samples.Span), playback);
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
        if (!known)
        {
            _resampler = new WdlResampler();
            _resampler.SetMode(interp: true, filtercnt: 2, sinc: false);
            _resampler.SetFilterParms();
            _resampler.SetFeedMode(true);
            _resampler.SetRates(sampleRate, ConvertedRate);
        }
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

    private ReadOnlySpan<short> Convert(ReadOnlySpan<short> source)
    {
        int needed = _resampler!.ResamplePrepare(source.Length, 1, out Span<float> input);
        int count = Math.Min(needed, source.Length);
        for (int i = 0; i < count; i++)
        {
            input[i] = source[i] / 32_768f;
        }

        int room = (int)((long)source.Length * ConvertedRate / _sourceRate) + 64;
        if (_converted.Length < room)
        {
            _converted = new float[room];
            _samples = new short[room];
        }

        int made = _resampler.ResampleOut(_converted, count, room, 1);
        for (int i = 0; i < made; i++)
        {
            _samples[i] = (short)Math.Clamp(MathF.Round(_converted[i] * 32_767f), short.MinValue, short.MaxValue);
        }

        return _samples.AsSpan(0, made);
    }
}
