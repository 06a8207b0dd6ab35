using NAudio.Dsp;

namespace FastGate.Speech.Playing;

/// <summary>Converts sound of a rate that Opus does not know to <see cref="Rate"/>. Used by one thread at a time.</summary>
internal sealed class SoundConverter
{
    public const int Rate = 24_000;

    private WdlResampler? _resampler;
    private int _sourceRate;
    private float[] _converted = [];
    private short[] _samples = [];

    public bool IsOn => _resampler is not null;

    /// <summary>Begins with sound of this rate; 0 switches the conversion off.</summary>
    public void Open(int sourceRate)
    {
        _sourceRate = sourceRate;
        _resampler = null;
        if (sourceRate != 0)
        {
            _resampler = new WdlResampler();
            _resampler.SetMode(interp: true, filtercnt: 2, sinc: false);
            _resampler.SetFilterParms();
            _resampler.SetFeedMode(true);
            _resampler.SetRates(sourceRate, Rate);
        }
    }

    /// <summary>The samples are valid until the next call.</summary>
    public ReadOnlySpan<short> Convert(ReadOnlySpan<short> source)
    {
        int needed = _resampler!.ResamplePrepare(source.Length, 1, out Span<float> input);
        int count = Math.Min(needed, source.Length);
        for (int i = 0; i < count; i++)
        {
            input[i] = source[i] / 32_768f;
        }

        int room = (int)((long)source.Length * Rate / _sourceRate) + 64;
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
