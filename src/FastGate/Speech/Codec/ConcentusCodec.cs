using Concentus;
using Concentus.Enums;
using FastGate.Protocol.Audio;

namespace FastGate.Speech.Codec;

/// <summary>The managed codec, for machines without libopus.</summary>
internal sealed class ConcentusCodec : OpusCodec
{
    // Concentus would load a native library by itself; that choice is made in OpusCodec.
    static ConcentusCodec() => OpusCodecFactory.AttemptToUseNativeLibrary = false;

    public override string Name => "Concentus (managed)";

    public override IOpusDecoder CreateDecoder(int sampleRate) => new Decoder(OpusCodecFactory.CreateDecoder(sampleRate, 1));

    public override IOpusEncoder CreateEncoder(int sampleRate, OpusSettings settings)
    {
        Concentus.IOpusEncoder encoder = OpusCodecFactory.CreateEncoder(sampleRate, 1, OpusApplication.OPUS_APPLICATION_VOIP);
        encoder.Bitrate = settings.Bitrate;
        encoder.Complexity = settings.Complexity;
        encoder.SignalType = OpusSignal.OPUS_SIGNAL_VOICE;
        return new Encoder(encoder);
    }

    private sealed class Decoder(Concentus.IOpusDecoder decoder) : IOpusDecoder
    {
        private const int FullRate = 48_000;

        // 20 ms: the frame to conceal when a packet is lost.
        private readonly int _lost = decoder.SampleRate / 50;

        public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm)
        {
            int samples = packet.IsEmpty ? _lost : pcm.Length;
            if (OpusPacket.TryParse(packet, out OpusPacket parsed) && parsed.HasEmptyFrame)
            {
                // Concentus throws for most packets with a frame of at most one byte, which are valid: they are concealed whole, as such a frame is.
                samples = parsed.Samples / (FullRate / decoder.SampleRate);
                packet = default;
            }

            try
            {
                return decoder.Decode(packet, pcm, samples, decode_fec: false);
            }
            catch (Exception exception) when (exception is OpusException or IndexOutOfRangeException or ArgumentException or InvalidOperationException)
            {
                return -1;
            }
        }

        public void Reset() => decoder.ResetState();

        public void Dispose() => decoder.Dispose();
    }

    private sealed class Encoder(Concentus.IOpusEncoder encoder) : IOpusEncoder
    {
        public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet) => encoder.Encode(pcm, pcm.Length, packet, packet.Length);

        public void Reset() => encoder.ResetState();

        public void Dispose() => encoder.Dispose();
    }
}
