using System.Buffers;

namespace FastGate.Conversation.Sentences;

/// <summary>
/// Splits a streamed reply into sentences. A Chinese mark ends a sentence at once; a Western one waits for the next character, because it may
/// be a decimal point or part of an address. The first piece may end at a comma, so that the device speaks early. Pieces keep their white
/// space and markup, which <see cref="SpeechText"/> removes.
/// </summary>
internal sealed class SentenceSplitter(int maxLength = SentenceSplitter.DefaultMaxLength)
{
    /// <summary>Characters of a piece without a mark. At three bytes each it fits the 2,048-byte buffer of old devices.</summary>
    public const int DefaultMaxLength = 200;

    private const int FirstPieceLetters = 2;

    /// <summary>Characters after an opening bracket that may belong to a link.</summary>
    private const int LongestLink = 120;

    private static readonly SearchValues<char> s_hard = SearchValues.Create("。！？；…｡\n");
    private static readonly SearchValues<char> s_softWide = SearchValues.Create("，、：～—");
    private static readonly SearchValues<char> s_western = SearchValues.Create(".!?;");
    private static readonly SearchValues<char> s_trailing = SearchValues.Create("。！？；…｡.!?;”’」』）】》)]}\"'~～");
    private static readonly HashSet<string> s_abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "etc", "no", "fig", "vol", "inc", "ltd", "co", "corp",
        "e.g", "i.e", "a.m", "p.m", "u.s", "u.k", "ph.d", "approx", "dept", "est", "min", "max",
    };

    private char[] _buffer = new char[256];
    private int _length;
    private int _scanned;
    private int _letters;
    private bool _firstCut;
    private bool _ended;
    private bool _dropTrailing;

    public void Append(ReadOnlySpan<char> text)
    {
        if (_length + text.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + text.Length));
        }

        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    /// <summary>The reply has ended: the rest is a sentence.</summary>
    public void End() => _ended = true;

    public void Reset()
    {
        _length = _scanned = _letters = 0;
        _firstCut = _ended = _dropTrailing = false;
    }

    /// <summary>The next complete piece.</summary>
    public bool TryTake(out string sentence)
    {
        DropTrailing();
        for (; _scanned < _length; _scanned++)
        {
            int cut = CutAfter(_scanned);
            if (cut == NeedMore)
            {
                break;
            }

            if (cut > 0 && _letters > 0)
            {
                sentence = Take(cut, _buffer[_scanned] != '\n' && cut == _length);
                return true;
            }

            _letters += char.IsLetterOrDigit(_buffer[_scanned]) ? 1 : 0;
            if (_scanned + 1 >= maxLength)
            {
                sentence = Take(LongestPiece(), dropTrailing: false);
                return true;
            }
        }

        if (_ended && _length > 0)
        {
            sentence = Take(_length, dropTrailing: false);
            return true;
        }

        sentence = string.Empty;
        return false;
    }

    private const int NoCut = 0;
    private const int NeedMore = -1;

    /// <summary>The number of characters to cut because of the one at <paramref name="at"/>, or <see cref="NoCut"/> or <see cref="NeedMore"/>.</summary>
    private int CutAfter(int at)
    {
        char c = _buffer[at];
        if (c != '\n' && IsMark(c) && IsInsideLink(at))
        {
            return NoCut;
        }

        if (s_hard.Contains(c))
        {
            return c == '\n' ? at + 1 : Absorb(at + 1);
        }

        if (s_western.Contains(c))
        {
            return CutAfterWestern(at);
        }

        if (_firstCut || _letters < FirstPieceLetters)
        {
            return NoCut;
        }

        if (s_softWide.Contains(c))
        {
            return at + 1;
        }

        if (c is ',' or ':')
        {
            return at + 1 < _length ? char.IsWhiteSpace(_buffer[at + 1]) || IsWide(_buffer[at + 1]) ? at + 1 : NoCut : _ended ? at + 1 : NeedMore;
        }

        return NoCut;
    }

    private int CutAfterWestern(int at)
    {
        int end = Absorb(at + 1);
        if (end == _length && !_ended)
        {
            // Only inside an address can text continue after a question or exclamation mark.
            return _buffer[at] is '.' or ';' || IsInsideAddress(at) ? NeedMore : end;
        }

        if (end < _length && !char.IsWhiteSpace(_buffer[end]) && !IsWide(_buffer[end]))
        {
            return NoCut;
        }

        return _buffer[at] == '.' && end == at + 1 && IsPartOfWord(at) ? NoCut : end;
    }

    /// <summary>True for a full stop of an abbreviation, an initial, or a list number.</summary>
    private bool IsPartOfWord(int at)
    {
        int start = at;
        while (start > 0 && !char.IsWhiteSpace(_buffer[start - 1]) && !IsWide(_buffer[start - 1]))
        {
            start--;
        }

        Span<char> word = _buffer.AsSpan(start, at - start).TrimStart("(\"'*_");
        if (word.IsEmpty)
        {
            return false;
        }

        if (word.Length == 1 && char.IsAsciiLetter(word[0]) && word[0] is not 'I')
        {
            return true;
        }

        bool beginsLine = start == 0 || _buffer[start - 1] == '\n' || _buffer.AsSpan(0, start).IsWhiteSpace();
        return (beginsLine && word.Length <= 3 && !word.ContainsAnyExceptInRange('0', '9'))
            || s_abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
    }

    private bool IsInsideAddress(int at)
    {
        int start = at;
        while (start > 0 && !char.IsWhiteSpace(_buffer[start - 1]))
        {
            start--;
        }

        Span<char> word = _buffer.AsSpan(start, at - start);
        return word.Contains("://", StringComparison.Ordinal) || word.StartsWith("www.", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsMark(char c) => s_hard.Contains(c) || s_western.Contains(c) || s_softWide.Contains(c) || c is ',' or ':';

    /// <summary>True inside a markdown link or a possible start of one: a cut link would have its address spoken.</summary>
    private bool IsInsideLink(int at)
    {
        for (int i = at - 1; i >= 0 && i >= at - LongestLink; i--)
        {
            switch (_buffer[i])
            {
                case '[':
                    return true;
                case ')' or '\n':
                case ']' when i + 1 == _length || _buffer[i + 1] != '(':
                    return false;
                default:
                    break;
            }
        }

        return false;
    }

    private int Absorb(int end)
    {
        while (end < _length && s_trailing.Contains(_buffer[end]))
        {
            end++;
        }

        return end;
    }

    /// <summary>Where to cut a piece without a mark: at a soft mark, at a space, or between any two characters, but not inside a surrogate pair.</summary>
    private int LongestPiece()
    {
        Span<char> piece = _buffer.AsSpan(0, maxLength);
        int soft = piece.LastIndexOfAny(s_softWide);
        int space = piece.LastIndexOfAny(' ', ',', '\t');
        int cut = Math.Max(soft, space) + 1;
        if (cut > maxLength / 3)
        {
            return cut;
        }

        return char.IsHighSurrogate(piece[^1]) ? maxLength - 1 : maxLength;
    }

    private string Take(int count, bool dropTrailing)
    {
        string sentence = new string(_buffer, 0, count);
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
        _scanned = 0;
        _letters = 0;
        _firstCut = true;
        _dropTrailing = dropTrailing;
        return sentence;
    }

    /// <summary>Drops marks and closing quotes that arrive after their sentence was cut: they must not become a sentence.</summary>
    private void DropTrailing()
    {
        if (!_dropTrailing || _length == 0)
        {
            return;
        }

        int drop = Absorb(0);
        _buffer.AsSpan(drop, _length - drop).CopyTo(_buffer);
        _length -= drop;
        _dropTrailing = _length == 0;
    }

    private static bool IsWide(char c) => c >= 0x2E80;
}
