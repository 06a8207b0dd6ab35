using Concentus.Structs;
using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

public sealed class OpusCodecTests
{
    /// <summary>Both codecs where libopus is installed; the managed one always.</summary>
    public static TheoryData<string> Codecs => LibOpusCodec.TryLoad() is null ? ["managed"] : ["managed", "libopus"];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Encoded_voice_is_decoded_with_its_energy(string name)
    {
        OpusCodec codec = Codec(name);
        short[] voice = TestSound.Voice(1_200);
        short[] decoded = Decode(codec, TestSound.Packets(voice, codec));
        Assert.Equal(voice.Length, decoded.Length);
        Assert.InRange(EnergyDetector.LevelDb(decoded), EnergyDetector.LevelDb(voice) - 3, EnergyDetector.LevelDb(voice) + 3);
    }

    [Fact]
    public void Each_codec_decodes_what_the_other_encodes()
    {
        if (LibOpusCodec.TryLoad() is not { } native)
        {
            return;
        }

        var managed = new ConcentusCodec();
        short[] voice = TestSound.Voice(1_200);
        foreach ((OpusCodec from, OpusCodec to) in new (OpusCodec, OpusCodec)[] { (native, managed), (managed, native) })
        {
            Assert.InRange(EnergyDetector.LevelDb(Decode(to, TestSound.Packets(voice, from))), EnergyDetector.LevelDb(voice) - 3, EnergyDetector.LevelDb(voice) + 3);
        }
    }

    /// <summary>Without an exception: each would cost the speech worker a hundred times the check.</summary>
    [Theory]
    [MemberData(nameof(Codecs))]
    public void Random_and_truncated_packets_that_pass_the_check_are_decoded_or_rejected(string name)
    {
        List<byte[]> whole = TestSound.Packets(TestSound.Voice(1_200));
        int thread = Environment.CurrentManagedThreadId;
        List<Exception> thrown = [];
        void Note(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e)
        {
            // Other tests run at the same time.
            if (Environment.CurrentManagedThreadId == thread)
            {
                thrown.Add(e.Exception);
            }
        }

        using IOpusDecoder decoder = Codec(name).CreateDecoder(VoiceStream.SampleRate);
        var random = new Random(7);
        short[] pcm = new short[OpusPacket.MaxDurationMs * VoiceStream.SampleRate / 1000];
        int passed = 0;
        AppDomain.CurrentDomain.FirstChanceException += Note;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] packet = new byte[random.Next(1, 200)];
            random.NextBytes(packet);
            if (i % 2 == 1)
            {
                packet = whole[random.Next(whole.Count)];
                packet = packet[..random.Next(1, packet.Length)];
            }

            if (OpusPacket.TryParse(packet, out _))
            {
                passed++;
                Assert.InRange(decoder.Decode(packet, pcm), -1, pcm.Length);
            }
        }

        AppDomain.CurrentDomain.FirstChanceException -= Note;
        Assert.True(passed > 5_000, $"{passed} passed");
        Assert.True(thrown.Count == 0, $"{thrown.Count}: {thrown.FirstOrDefault()}");
    }

    /// <summary>Frames of at most one byte are valid in every mode, alone and beside frames with data, and last as long as the packet says.</summary>
    [Theory]
    [MemberData(nameof(Codecs))]
    public void Frames_without_data_are_concealed(string name)
    {
        byte[] voice = TestSound.Packets(TestSound.Voice(120), Codec(name))[1];
        short[] pcm = new short[OpusPacket.MaxDurationMs * VoiceStream.SampleRate / 1000];
        using IOpusDecoder decoder = Codec(name).CreateDecoder(VoiceStream.SampleRate);
        for (int configuration = 0; configuration < 32; configuration++)
        {
            byte toc = (byte)(configuration << 3);
            foreach (byte[] packet in (byte[][])[[toc], [toc, 0], [(byte)(toc | 1)], [(byte)(toc | 1), 0, 0], [(byte)(toc | 3), 2], [(byte)(toc | 2), 1, 0, 7, 7, 7]])
            {
                Assert.Equal(TestSound.SamplesPerFrame, decoder.Decode(voice, pcm));
                if (OpusPacket.TryParse(packet, out OpusPacket parsed))
                {
                    Assert.True(parsed.HasEmptyFrame);
                    Assert.Equal(parsed.Samples / 3, decoder.Decode(packet, pcm));
                }
            }
        }
    }

    /// <summary>Differential: an independent parser agrees on every random packet.</summary>
    [Fact]
    public void Check_agrees_with_another_parser()
    {
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] packet = new byte[random.Next(1, 60)];
            random.NextBytes(packet);
            bool accepted = OpusPacket.TryParse(packet, out OpusPacket parsed);
            int samples = OpusPacketInfo.GetNumSamples(packet, 48_000);
            if (accepted)
            {
                Assert.Equal(samples, parsed.Samples);
                Assert.Equal(OpusPacketInfo.GetNumFrames(packet), parsed.FrameCount);
                Assert.Equal(OpusPacketInfo.ParseOpusPacket(packet).Frames.Any(static frame => frame.Length <= 1), parsed.HasEmptyFrame);
            }
            else if (samples > 0)
            {
                // The other function reads only the first two bytes; the whole structure must be refused by its decoder.
                Assert.Throws<Concentus.OpusException>(() => OpusPacketInfo.ParseOpusPacket(packet));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_decoder_that_was_reset_decodes_as_a_new_one(string name)
    {
        OpusCodec codec = Codec(name);
        List<byte[]> packets = TestSound.Packets(TestSound.Voice(600), codec);
        using IOpusDecoder decoder = codec.CreateDecoder(VoiceStream.SampleRate);
        short[] first = Decode(decoder, packets);
        decoder.Reset();
        Assert.Equal(first, Decode(decoder, packets));
    }

    private static OpusCodec Codec(string name) => name == "managed" ? new ConcentusCodec() : LibOpusCodec.TryLoad()!;

    private static short[] Decode(OpusCodec codec, List<byte[]> packets)
    {
        using IOpusDecoder decoder = codec.CreateDecoder(VoiceStream.SampleRate);
        return Decode(decoder, packets);
    }

    private static short[] Decode(IOpusDecoder decoder, List<byte[]> packets)
    {
        List<short> all = [];
        short[] pcm = new short[OpusPacket.MaxDurationMs * VoiceStream.SampleRate / 1000];
        foreach (byte[] packet in packets)
        {
            int count = decoder.Decode(packet, pcm);
            Assert.Equal(TestSound.SamplesPerFrame, count);
            all.AddRange(pcm[..count]);
        }

        return [.. all];
    }
}
