using System.Runtime.CompilerServices;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Synthesis;
using FastGate.Tests.Speech;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>A recogniser and a synthesiser of a life.</summary>
internal sealed class ScriptedSpeech(AnswerChoice choice, string name) : ISpeechRecognizer, ISpeechSynthesizer
{
    private const int LongPieces = 50;

    private static readonly short[] s_sound = TestSound.Voice(100);

    private int _utterances;

    public string Name => name;

    Uri? ISpeechRecognizer.Server => null;

    Uri? ISpeechSynthesizer.Server => null;

    public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        int number = Interlocked.Increment(ref _utterances);
        Random random = choice.RandomOf(name + nameof(RecognizeAsync), $"{number}");
        WorkerAnswer answer = AnswerChoice.Next(random);
        if (answer != WorkerAnswer.Error)
        {
            await utterance.WaitForEndAsync(cancellationToken);
        }

        await choice.BeginAsync(answer, random, cancellationToken);
        return answer switch
        {
            WorkerAnswer.Nothing => "",
            WorkerAnswer.ErrorAfterPieces => throw ErrorOf(random),
            _ => $"{LifeMessages.Mark}{name}{number}",
        };
    }

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Random random = choice.RandomOf(name + nameof(SynthesizeAsync), sentence);
        WorkerAnswer answer = AnswerChoice.Next(random);
        await choice.BeginAsync(answer, random, cancellationToken);
        for (int pieces = answer switch { WorkerAnswer.Nothing => 0, WorkerAnswer.Long => LongPieces, _ => random.Next(1, 4) }; pieces > 0; pieces--)
        {
            yield return new SoundPiece(VoiceStream.SampleRate, s_sound);
            await choice.ContinueAsync(answer, random, cancellationToken);
        }
    }

    /// <summary>The kinds of errors that providers of speech throw.</summary>
    public static Exception ErrorOf(Random random) => random.Next(3) switch
    {
        0 => new HttpRequestException("refused"),
        1 => new IOException("reset"),
        _ => new SpeechProviderException("broken"),
    };

    public void Dispose()
    {
    }
}
