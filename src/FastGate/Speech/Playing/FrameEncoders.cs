using System.Collections.Concurrent;
using FastGate.Speech.Codec;

namespace FastGate.Speech.Playing;

/// <summary>Encoders that wait for the next sound, by sample rate: one takes about 45 KB and some time to create. Any thread.</summary>
internal sealed class FrameEncoders(Func<int, IOpusEncoder> create, int frameMs) : IDisposable
{
    private const int Kept = 32;

    private readonly ConcurrentDictionary<int, ConcurrentBag<FrameEncoder>> _byRate = new();

    public FrameEncoder Rent(int sampleRate)
    {
        if (!_byRate.GetOrAdd(sampleRate, static _ => []).TryTake(out FrameEncoder? encoder))
        {
            return new FrameEncoder(create(sampleRate), sampleRate, frameMs);
        }

        encoder.Reset();
        return encoder;
    }

    public void Return(FrameEncoder encoder)
    {
        ConcurrentBag<FrameEncoder> kept = _byRate.GetOrAdd(encoder.SampleRate, static _ => []);
        if (kept.Count < Kept)
        {
            kept.Add(encoder);
        }
        else
        {
            encoder.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (FrameEncoder encoder in _byRate.Values.SelectMany(static kept => kept))
        {
            encoder.Dispose();
        }
    }
}
