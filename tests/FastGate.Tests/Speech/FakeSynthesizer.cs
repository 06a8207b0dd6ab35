using System.Runtime.CompilerServices;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Synthesis;

namespace FastGate.Tests.Speech;

/// <summary>Makes a voice of a given length for each sentence, or fails.</summary>
internal sealed class FakeSynthesizer : ISpeechSynthesizer
{
    public string Name => "fake";

    public bool Fails { get; init; }

    public double Seconds { get; init; } = 0.3;

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Fails)
        {
            throw new SpeechProviderException("fake: broken");
        }

        short[] sound = TestSound.Voice(100);
        for (double made = 0; made < Seconds; made += 0.1)
        {
            yield return new SoundPiece(VoiceStream.SampleRate, sound);
        }
    }

    public void Dispose()
    {
    }
}
