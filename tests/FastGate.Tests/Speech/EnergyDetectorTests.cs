using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

public sealed class EnergyDetectorTests
{
    /// <summary>Share of windows found to be speech: of speech, and of the noise before it.</summary>
    [Theory]
    [InlineData(0.0001, 0.9)]
    [InlineData(0.003, 0.9)]
    [InlineData(0.02, 0.6)]
    public void Voice_is_found_in_noise(double noise, double share)
    {
        short[] before = TestSound.Noise(3_000, noise);
        short[] voice = TestSound.Voice(2_000, 0.3);
        short[] behind = TestSound.Noise(2_000, noise, seed: 2);
        for (int i = 0; i < voice.Length; i++)
        {
            voice[i] = (short)Math.Clamp(voice[i] + behind[i], short.MinValue, short.MaxValue);
        }

        using var detector = new EnergyDetector();
        var stream = new VoiceStream();
        Run(detector, stream, before);
        Assert.InRange(Run(detector, stream, before), 0, 0.02);
        Assert.InRange(Run(detector, stream, voice), share, 1);
    }

    [Fact]
    public void Silence_is_never_speech()
    {
        using var detector = new EnergyDetector();
        Assert.Equal(0, Run(detector, new VoiceStream(), new short[VoiceStream.SampleRate]));
    }

    [Fact]
    public void Streams_that_are_judged_together_get_the_answers_of_streams_judged_alone()
    {
        short[][] sounds = [TestSound.Voice(1_000), TestSound.Noise(1_000, 0.01), new short[VoiceStream.SampleRate]];
        using var detector = new EnergyDetector();
        VoiceStream[] together = [new(), new(), new()];
        VoiceStream[] alone = [new(), new(), new()];
        for (int at = 0; at + VoiceStream.Window <= VoiceStream.SampleRate; at += VoiceStream.Window)
        {
            for (int i = 0; i < sounds.Length; i++)
            {
                sounds[i].AsSpan(at, VoiceStream.Window).CopyTo(together[i].Samples);
                sounds[i].AsSpan(at, VoiceStream.Window).CopyTo(alone[i].Samples);
                detector.Detect([alone[i]]);
            }

            detector.Detect(together);
            Assert.Equal(alone.Select(static stream => stream.Probability), together.Select(static stream => stream.Probability));
        }
    }

    [Fact]
    public void The_encoder_can_call_a_faint_sound_no_voice()
    {
        using var detector = new EnergyDetector();
        Assert.True(Faint(detector, encoder: true) > Faint(detector, encoder: false));
    }

    private static float Faint(EnergyDetector detector, bool encoder)
    {
        var stream = new VoiceStream();
        Run(detector, stream, TestSound.Noise(1_000, 0.003));
        TestSound.Noise(32, 0.012).AsSpan(0, VoiceStream.Window).CopyTo(stream.Samples);
        stream.EncoderVoice = encoder;
        detector.Detect([stream]);
        return stream.Probability;
    }

    private static double Run(EnergyDetector detector, VoiceStream stream, short[] sound)
    {
        int speech = 0;
        int windows = 0;
        for (int at = 0; at + VoiceStream.Window <= sound.Length; at += VoiceStream.Window)
        {
            sound.AsSpan(at, VoiceStream.Window).CopyTo(stream.Samples);
            detector.Detect([stream]);
            windows++;
            speech += stream.Probability >= 0.5f ? 1 : 0;
        }

        return (double)speech / windows;
    }
}
