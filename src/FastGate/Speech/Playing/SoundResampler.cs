using NAudio.Dsp;

namespace FastGate.Speech.Playing;

/// <summary>Converts the sample rate of one stretch of sound, piece by piece.</summary>
internal sealed class SoundResampler
{
    private readonly WdlResampler _resampler = new();
    private readonly int _from;
    private readonly int _to;
    private float[] _converted = [];
    private short[] _samples = [];

    public SoundResampler(int from, int to)
    {
        (_from, _to) = (from, to);
        _resampler.SetMode(interp: true, filtercnt: 2, sinc: false);
        _resampler.SetFilterParms();
        _resampler.SetFeedMode(true);
        _resampler.SetRates(from, to);
    }

    /// <summary>The output that the piece adds. Valid until the next call.</summary>
    public ReadOnlySpan<short> Convert(ReadOnlySpan<short> source)
    {
        int needed = _resampler.ResamplePrepare(source.Length, 1, out Span<float> input);
        int count = Math.Min(needed, source.Length);
        for (int i = 0; i < count; i++)
        {
            input[i] = source[i] / 32_768f;
        }

        int room = (int)((long)source.Length * _to / _from) + 64;
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
