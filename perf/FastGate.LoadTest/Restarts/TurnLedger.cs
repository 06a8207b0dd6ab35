using System.Globalization;
using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Restarts;

/// <summary>
/// The turns of one device. The words of a turn are its device, its number and the number of sentences of the answer; each sentence repeats the first
/// two and adds its own number.
/// </summary>
internal sealed class TurnLedger(int device)
{
    /// <summary>The server is configured to speak this line when a model fails or is busy.</summary>
    public const string FailureLine = "failed";

    private SequenceLedger _sentences = new();
    private int _turn = -1;
    private int _expected;
    private bool _recognised;
    private bool _interrupted;
    private string? _line;
    private MessageCounts _counts;

    /// <summary>A turn was asked and has not ended.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Returns the words of the next turn.</summary>
    public string Ask(int sentences)
    {
        _turn++;
        _expected = sentences;
        _sentences = new SequenceLedger();
        _recognised = false;
        _interrupted = false;
        _line = null;
        IsOpen = true;
        _counts += new MessageCounts(1 + sentences, 0, 0, 0);
        return Words(sentences);
    }

    /// <summary>The recognised text, which must be that of the open turn, once.</summary>
    public void ReceiveText(string text)
    {
        bool isThis = text == Words(_expected);
        _counts += new MessageCounts(0, 0, isThis && (_recognised || !IsOpen) ? 1 : 0, isThis ? 0 : 1);
        _recognised |= isThis;
    }

    public void ReceiveSentence(string text)
    {
        string[] numbers = text.TrimEnd('。').Split(' ');
        if (numbers.Length != 3 || !TryParse(numbers[0], out int of) || !TryParse(numbers[1], out int turn) || !TryParse(numbers[2], out int sentence))
        {
            _line = text;
        }
        else if (of != device || turn != _turn || !IsOpen || !_recognised)
        {
            _counts += new MessageCounts(0, 0, 0, 1);
        }
        else
        {
            _sentences.Receive(sentence, _expected);
        }
    }

    public TurnEnd ReceiveStop()
    {
        if (!IsOpen)
        {
            // The server has cut a turn after its last sentence: the line that says why comes after the stop of the turn.
            bool isAfterLine = _line is not null && !_line.Contains(FailureLine, StringComparison.Ordinal);
            _counts += new MessageCounts(0, 0, isAfterLine ? 0 : 1, 0);
            _line = null;
            return TurnEnd.None;
        }

        long missing = _sentences.Missing(_expected);
        bool isInOrder = _recognised && missing == _expected - _sentences.Next;
        if (isInOrder && missing > 0 && _line is null && !_interrupted)
        {
            _interrupted = true;
            return TurnEnd.Interrupted;
        }

        return Close(missing == 0 && _recognised && _line is null ? TurnEnd.Finished
            : isInOrder && _line is not null && !_line.Contains(FailureLine, StringComparison.Ordinal) ? TurnEnd.Cut
            : TurnEnd.Broken);
    }

    /// <summary>The line that says why the turn was interrupted did not come.</summary>
    public TurnEnd GiveUp() => Close(TurnEnd.Broken);

    private TurnEnd Close(TurnEnd end)
    {
        IsOpen = false;
        _counts += new MessageCounts(0, (end == TurnEnd.Broken ? _sentences.Missing(_expected) : 0) + (_recognised ? 0 : 1), _sentences.Doubled, _sentences.Reordered);
        return end;
    }

    /// <summary>Of all turns; what is missing of an open one is lost.</summary>
    public MessageCounts Count() => !IsOpen ? _counts : _counts + new MessageCounts(
        0, _sentences.Missing(_expected) + (_recognised ? 0 : 1), _sentences.Doubled, _sentences.Reordered);

    private string Words(int sentences) => string.Create(CultureInfo.InvariantCulture, $"{device} {_turn} {sentences}");

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
