using FastGate.Speech.Codec;

namespace FastGate.Speech.Hearing;

/// <summary>What the captures of one speech worker share: they are handled one after the other.</summary>
internal sealed class SpeechScratch : IDisposable
{
    /// <summary>Decoders that wait for the next capture. One takes about 20 KB.</summary>
    private const int KeptDecoders = 32;

    private readonly Stack<IOpusDecoder> _decoders = new();

    /// <summary>Room for one packet.</summary>
    public byte[] Packet { get; } = new byte[PacketRing.MaxPacket];

    public IOpusDecoder RentDecoder()
    {
        if (!_decoders.TryPop(out IOpusDecoder? decoder))
        {
            return OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate);
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

    public void Dispose()
    {
        while (_decoders.TryPop(out IOpusDecoder? decoder))
        {
            decoder.Dispose();
        }
    }
}
