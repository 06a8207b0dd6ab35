using FastGate.Speech.Codec;

namespace FastGate.Speech.Hearing;

/// <summary>What the captures of one speech worker share: they are handled one after the other.</summary>
internal sealed class SpeechScratch(Func<IOpusDecoder> createDecoder) : IDisposable
{
    /// <summary>Decoders that wait for the next capture. One takes about 20 KB.</summary>
    private const int KeptDecoders = 32;

    /// <summary>Arrays of samples that wait for the next capture.</summary>
    private const int KeptArrays = 64;

    private readonly Stack<IOpusDecoder> _decoders = new();
    private readonly List<short[]> _arrays = [];

    /// <summary>Room for one packet.</summary>
    public byte[] Packet { get; } = new byte[PacketRing.MaxPacket];

    public IOpusDecoder RentDecoder()
    {
        if (!_decoders.TryPop(out IOpusDecoder? decoder))
        {
            return createDecoder();
        }

        decoder.Reset();
        return decoder;
    }

    public void Return(IOpusDecoder decoder)
    {
        if (_decoders.Count < KeptDecoders)
        {
            _decoders.Push(decoder);
        }
        else
        {
            decoder.Dispose();
        }
    }

    /// <summary>An array of exactly this length. Its content is of the capture before.</summary>
    public short[] RentSamples(int length)
    {
        int found = _arrays.FindLastIndex(array => array.Length == length);
        if (found < 0)
        {
            return new short[length];
        }

        short[] samples = _arrays[found];
        _arrays.RemoveAt(found);
        return samples;
    }

    public void Return(short[] samples)
    {
        if (samples.Length > 0 && _arrays.Count < KeptArrays)
        {
            _arrays.Add(samples);
        }
    }

    public void Dispose()
    {
        while (_decoders.TryPop(out IOpusDecoder? decoder))
        {
            decoder.Dispose();
        }
    }
}
