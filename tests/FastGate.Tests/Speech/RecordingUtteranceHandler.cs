using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

/// <summary>Records what a capture reports.</summary>
internal sealed class RecordingUtteranceHandler : IUtteranceHandler
{
    public List<Utterance> Ended { get; } = [];

    public int Started { get; private set; }

    public int Spoken { get; private set; }

    public int Discarded { get; private set; }

    public int Refused { get; private set; }

    public int Faulted { get; private set; }

    public List<string> Partials { get; } = [];

    public Utterance? Last { get; private set; }

    public void OnStarted(Utterance utterance)
    {
        Last = utterance;
        Started++;
    }

    public void OnPartialWords(string words) => Partials.Add(words);

    public void OnSpoken() => Spoken++;

    public void OnEnded(Utterance utterance) => Ended.Add(utterance);

    public void OnDiscarded(Utterance utterance)
    {
        Discarded++;
        utterance.Release();
    }

    public void OnRefused() => Refused++;

    public void OnFaulted() => Faulted++;
}
