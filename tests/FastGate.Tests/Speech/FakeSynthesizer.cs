using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Synthesis;

namespace FastGate.Tests.Speech;

/// <summary>Makes a voice of a given length for each sentence, or fails.</summary>
internal sealed class FakeSynthesizer : ISpeechSynthesizer
{
    public string Name => "fake";

    public Uri? Server { get; init; }

    public bool Fails { get; init; }

    public bool IsFallback { get; init; }

    /// <summary>Awaited before each sentence.</summary>
    public Func<string, Task> Before { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Sentences that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public double Seconds { get; init; } = 0.3;

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        Asked.Enqueue(sentence);
        await Before(sentence);
        if (Fails)
        {
            throw new SpeechProviderException("fake: broken");
        }

        short[] sound = TestSound.Voice(100);
        for (double made = 0; made < Seconds; made += 0.1)
        {
            yield return new SoundPiece(VoiceStream.SampleRate, sound) { IsFallback = IsFallback };
        }
    }

    public void Dispose()
    {
    }
}
