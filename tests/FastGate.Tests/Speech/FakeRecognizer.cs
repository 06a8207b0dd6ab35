using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;

namespace FastGate.Tests.Speech;

/// <summary>Gives one answer after the other; null fails.</summary>
internal sealed class FakeRecognizer(params string?[] answers) : ISpeechRecognizer
{
    private int _next;

    public string Name { get; init; } = "fake";

    public Uri? Server { get; init; }

    public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        await utterance.WaitForEndAsync(cancellationToken);
        Assert.NotEmpty(utterance.ToSamples());
        int number = Interlocked.Increment(ref _next) - 1;
        return answers[Math.Min(number, answers.Length - 1)] ?? throw new SpeechProviderException("fake: broken");
    }

    public void Dispose()
    {
    }
}
