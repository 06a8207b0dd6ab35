using FastGate.Speech.Hearing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Speech;

public sealed class SileroDetectorTests
{
    [SileroFact]
    public void A_row_of_a_batch_gets_the_answer_of_a_run_alone()
    {
        using var detector = new SileroDetector(SileroFactAttribute.Model!);
        using var single = new SileroDetector(SileroFactAttribute.Model!);
        const int Streams = 19;
        VoiceStream[] together = [.. Enumerable.Range(0, Streams).Select(static _ => new VoiceStream())];
        VoiceStream[] alone = [.. Enumerable.Range(0, Streams).Select(static _ => new VoiceStream())];
        short[][] sounds = [.. Enumerable.Range(0, Streams).Select(static i => i % 3 == 0 ? TestSound.Noise(1_000, 0.01 * i, i) : TestSound.Voice(1_000, 0.02 * i))];
        for (int at = 0; at + VoiceStream.Window <= VoiceStream.SampleRate; at += VoiceStream.Window)
        {
            for (int i = 0; i < Streams; i++)
            {
                sounds[i].AsSpan(at, VoiceStream.Window).CopyTo(together[i].Samples);
                sounds[i].AsSpan(at, VoiceStream.Window).CopyTo(alone[i].Samples);
                single.Detect([alone[i]]);
            }

            detector.Detect(together);
            for (int i = 0; i < Streams; i++)
            {
                Assert.Equal(alone[i].Probability, together[i].Probability, 3);
            }
        }
    }

    [SileroFact]
    public void Noise_is_not_speech()
    {
        using var detector = new SileroDetector(SileroFactAttribute.Model!);
        var stream = new VoiceStream();
        short[] noise = TestSound.Noise(2_000, 0.05);
        int speech = 0;
        for (int at = 0; at + VoiceStream.Window <= noise.Length; at += VoiceStream.Window)
        {
            noise.AsSpan(at, VoiceStream.Window).CopyTo(stream.Samples);
            detector.Detect([stream]);
            speech += stream.Probability >= 0.5f ? 1 : 0;
        }

        Assert.InRange(speech, 0, 2);
    }

    [Fact]
    public void A_file_that_is_no_model_is_replaced_by_the_embedded_detector()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "no model");
        using IVoiceDetector detector = new VoiceDetectors(file, NullLogger.Instance).Create();
        Assert.IsType<EnergyDetector>(detector);
        File.Delete(file);
    }
}
