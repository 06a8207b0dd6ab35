using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Speech.Hearing;

namespace FastGate.Sessions;

/// <summary>
/// A turn that begins from partial words, while it is not sure that the user has finished. The device hears of it only when the whole words are the
/// same; else it is cancelled, runs no tool and is not remembered.
/// </summary>
internal sealed partial class DeviceSession
{
    private void OnPartialWords(string text)
    {
        DropEarly();
        text = Trim(text);
        string bare = SessionTexts.Bare(text);
        SessionTexts texts = Texts;
        if (bare.Length == 0 || _turn is not null || Voice is not null || texts.IsWakeupWord(bare) || texts.IsExitCommand(bare)
            || _services.IsQuiet || !_services.Conversation.HasRoomForEarly)
        {
            return;
        }

        var early = new Turn { Utterance = text, Sink = new EarlyReply(), Language = _services.Texts.LanguageFor(LanguageOf(text)) };
        if (_services.Conversation.TrySubmit(DialogueForTurn(), early))
        {
            _sound!.Early = early;
        }
    }

    /// <summary>The early turn, if it began from these words. Another one is dropped.</summary>
    private Turn? TakeEarly(string text)
    {
        if (_sound?.Early is not { } early)
        {
            return null;
        }

        if (!PartialWords.AreSame(early.Utterance, Trim(text)))
        {
            DropEarly();
            return null;
        }

        _sound.Early = null;
        return early;
    }

    private void DropEarly()
    {
        if (_sound?.Early is { } early)
        {
            _sound.Early = null;
            Drop(early);
            ReleaseSound();
        }
    }

    private void Drop(Turn early)
    {
        early.Early!.Drop();
        _services.Conversation.Cancel(early);
        _services.Speech.Metrics.EarlyTurnsDropped.Increment();
    }

    /// <summary>The sink that sends to the device; null for a turn that is not known to be said.</summary>
    private static DeviceReplySink? SinkOf(Turn turn) => (turn.Early is { } early ? early.Target : turn.Sink) as DeviceReplySink;

    private SessionLanguage LanguageOf(string text) =>
        _followsWords && SpokenLanguage.OfWords(text) is var spoken && spoken != SessionLanguage.Auto ? spoken : _language;
}
