using System.Text;
using FastGate.Conversation.Speech;
using FastGate.Llm.Calls;

namespace FastGate.Conversation.Workers;

/// <summary>
/// A reply on its way from provider to device: thinking taken out, cut into sentences, made speakable, its mood told first. Belongs to the one
/// worker that runs the turn.
/// </summary>
internal sealed class ReplyBuilder(Turn turn) : ILlmReceiver
{
    private readonly StringBuilder _visible = new();
    private readonly StringBuilder _heard = new();
    private readonly ThinkFilter _think = new();
    private readonly SentenceSplitter _sentences = new();
    private int _split;

    /// <summary>The device was told the mood or a sentence.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>The whole reply, as the provider worded it.</summary>
    public string Whole => _visible.ToString().Trim();

    /// <summary>The reply as far as it was handed to the device.</summary>
    public string Heard => _heard.ToString().Trim();

    public bool IsCancelled => turn.IsCancelled;

    public bool HasText { get; private set; }

    public void Text(string text)
    {
        _think.Append(text, _visible);
        Split();
        Take();
    }

    public void End()
    {
        _think.End(_visible);
        Split();
        _sentences.End();
        Take();
        if (!turn.IsCancelled)
        {
            // A reply of nothing but a picture is a mood all the same.
            TellMood();
        }
    }

    public void Restart()
    {
        _visible.Clear();
        _heard.Clear();
        _think.Reset();
        _sentences.Reset();
        _split = 0;
        HasText = false;
    }

    /// <summary>A line of the gateway's own.</summary>
    public void Say(string line)
    {
        if (!turn.IsCancelled)
        {
            TellMood();
            turn.Sink.Sentence(line);
        }
    }

    private void Split()
    {
        if (_visible.Length > _split)
        {
            string added = _visible.ToString(_split, _visible.Length - _split);
            HasText |= !string.IsNullOrWhiteSpace(added);
            _sentences.Append(added);
            _split = _visible.Length;
        }
    }

    private void Take()
    {
        while (!turn.IsCancelled && _sentences.TryTake(out string? piece))
        {
            string sentence = SpeechText.Clean(piece);
            if (sentence.Length > 0)
            {
                TellMood();
                turn.Sink.Sentence(sentence);
            }

            _heard.Append(piece);
        }
    }

    private void TellMood()
    {
        if (!HasSpoken)
        {
            HasSpoken = true;
            (string? emoji, string? emotion) = Emotions.Of(_visible.ToString());
            turn.Sink.Emotion(emoji, emotion);
        }
    }
}
