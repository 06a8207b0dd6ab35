using System.Diagnostics;
using System.Text;
using FastGate.Conversation.Sentences;
using FastGate.Llm.Calls;
using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Workers;

/// <summary>
/// Turns a streamed reply into an emotion and sentences for the sink: splits it into sentences and removes what cannot be spoken. Belongs to the
/// worker that runs the turn.
/// </summary>
internal sealed class ReplyBuilder(Turn turn) : ILlmReceiver
{
    private readonly StringBuilder _visible = new();
    private readonly StringBuilder _heard = new();
    private readonly SentenceSplitter _sentences = new();
    private List<FunctionCallContent>? _calls;
    private bool _sentEmotion;

    // The text that earlier rounds have left.
    private int _visibleBefore;
    private int _heardBefore;
    private bool _hadText;

    /// <summary>The sink got a part of this round.</summary>
    public bool HasSpoken { get; private set; }

    public bool HasText { get; private set; }

    /// <summary>The whole reply in the provider's words, without reasoning.</summary>
    public string Whole => _visible.ToString().Trim();

    /// <summary>The words of this round.</summary>
    public string RoundText => _visible.ToString(_visibleBefore, _visible.Length - _visibleBefore).Trim();

    /// <summary>The tools that the model calls in this round.</summary>
    public IReadOnlyList<FunctionCallContent> Calls => _calls ?? [];

    /// <summary>The part of the reply that was handed to the sink.</summary>
    public string Heard => _heard.ToString().Trim();

    public void Text(string text)
    {
        if (turn.FirstTextAt == 0)
        {
            turn.FirstTextAt = Stopwatch.GetTimestamp();
        }

        _visible.Append(text);
        HasText = HasText || !string.IsNullOrWhiteSpace(text);
        _sentences.Append(text);
        SendSentences();
    }

    public void Call(FunctionCallContent call) => (_calls ??= []).Add(call);

    /// <summary>Another call of the same turn begins: its words follow what was said.</summary>
    public void BeginRound()
    {
        _calls = null;
        _sentences.Reset();
        HasSpoken = false;
        _hadText = HasText;
        if (_visible.Length > 0)
        {
            _visible.Append('\n');
            _heard.Append('\n');
        }

        _visibleBefore = _visible.Length;
        _heardBefore = _heard.Length;
    }

    public void End()
    {
        _sentences.End();
        SendSentences();
        if (!turn.IsCancelled && HasText)
        {
            // A reply of emoji alone has no sentence, but an emotion.
            SendEmotion();
        }
    }

    public void Restart()
    {
        _visible.Length = _visibleBefore;
        _heard.Length = _heardBefore;
        _sentences.Reset();
        _calls = null;
        HasText = _hadText;
    }

    /// <summary>Sends a line that is not from the provider.</summary>
    public void Say(string line)
    {
        if (!turn.IsCancelled)
        {
            SendEmotion();
            turn.Sink.Sentence(line);
        }
    }

    private void SendSentences()
    {
        while (!turn.IsCancelled && _sentences.TryTake(out string? piece))
        {
            string sentence = SpeechText.Clean(piece);
            if (sentence.Length > 0)
            {
                SendEmotion();
                turn.Sink.Sentence(sentence);
            }

            _heard.Append(piece);
        }
    }

    private void SendEmotion()
    {
        HasSpoken = true;
        if (!_sentEmotion)
        {
            _sentEmotion = true;
            (string? emoji, string? emotion) = Emotions.Of(_visible.ToString());
            turn.Sink.Emotion(emoji, emotion);
        }
    }
}
