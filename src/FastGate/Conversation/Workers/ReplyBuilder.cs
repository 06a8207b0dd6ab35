using System.Text;
using FastGate.Conversation.Speech;
using FastGate.Llm.Calls;

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

    /// <summary>The sink got the emotion or a sentence.</summary>
    public bool HasSpoken { get; private set; }

    public bool HasText { get; private set; }

    /// <summary>The whole reply in the provider's words, without reasoning.</summary>
    public string Whole => _visible.ToString().Trim();

    /// <summary>The part of the reply that was handed to the sink.</summary>
    public string Heard => _heard.ToString().Trim();

    public void Text(string text)
    {
        _visible.Append(text);
        HasText = HasText || !string.IsNullOrWhiteSpace(text);
        _sentences.Append(text);
        SendSentences();
    }

    public void End()
    {
        _sentences.End();
        SendSentences();
        if (!turn.IsCancelled)
        {
            // A reply of emoji alone has no sentence, but an emotion.
            SendEmotion();
        }
    }

    public void Restart()
    {
        _visible.Clear();
        _heard.Clear();
        _sentences.Reset();
        HasText = false;
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
        if (!HasSpoken)
        {
            HasSpoken = true;
            (string? emoji, string? emotion) = Emotions.Of(_visible.ToString());
            turn.Sink.Emotion(emoji, emotion);
        }
    }
}
