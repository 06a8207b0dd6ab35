using System.Text;

namespace FastGate.Llm.Calls;

/// <summary>
/// Removes the reasoning from a streamed reply; a tag may be split over chunks. Holds back at most the beginning of a tag. A span without an
/// end tag is removed to the end.
/// A chat template may put the start tag into the prompt, so that only the end tag is seen: what was passed on before it is then taken back. The
/// next replies of such a provider begin <paramref name="startsInThought"/>: they are held back until their end tag, and passed on whole where
/// they end without one.
/// </summary>
internal sealed class ThinkFilter(bool startsInThought = false)
{
    /// <summary>Characters held back of a reply that is presumed to start in thought. A longer text is no answer to be spoken.</summary>
    public const int MaxHeld = 64 * 1024;

    private const string Final = "final";

    private readonly StringBuilder _passed = new();
    private readonly StringBuilder _held = new();
    private readonly char[] _tag = new char[ThinkTags.MaxLength + 1];
    private int _tagLength;

    // The characters since the last tag, as far as they can be the name of a channel.
    private string _channel = "";
    private bool _presumed = startsInThought;
    private bool _thinking;
    private bool _sawTag;
    private bool _sawWords;
    private bool _takeBack;

    /// <summary>Whether the provider's next reply is presumed to start in thought.</summary>
    public bool StartsInThought { get; private set; } = startsInThought;

    /// <summary>The words of the chunk. What was passed on before it must be discarded when <paramref name="takeBack"/> is true.</summary>
    public string Append(string chunk, out bool takeBack)
    {
        takeBack = false;
        if (!_presumed && !_thinking && _tagLength == 0 && !chunk.AsSpan().ContainsAny(ThinkTags.Begins))
        {
            _sawWords = _sawWords || !string.IsNullOrWhiteSpace(chunk);
            return chunk;
        }

        foreach (char c in chunk)
        {
            Append(c);
        }

        takeBack = _takeBack;
        _takeBack = false;
        return TakePassed();
    }

    /// <summary>
    /// The reply has ended: the rest of its words. A reply that was cut by the limit of tokens while it was presumed to be in thought has none.
    /// </summary>
    public string End(bool atLimit)
    {
        if (_presumed)
        {
            // A reply of tool calls alone shows nothing about the next one.
            StartsInThought = StartsInThought && _held.Length == 0;
            _presumed = false;
            if (!atLimit && _held.Length < MaxHeld)
            {
                _passed.Append(_held);
                _thinking = false;
            }
            else
            {
                _thinking = true;
            }
        }

        FlushTag(_tagLength);
        return TakePassed();
    }

    private void Append(char c)
    {
        if (_tagLength == 0 && !ThinkTags.Begins.Contains(c))
        {
            Pass(c);
            return;
        }

        _tag[_tagLength++] = c;
        ThinkTag tag = ThinkTags.Match(_tag.AsSpan(0, _tagLength));
        if (tag == ThinkTag.Partial)
        {
            return;
        }

        if (tag == ThinkTag.None)
        {
            // Only the last character can begin another tag.
            bool begins = _tagLength > 1 && ThinkTags.Begins.Contains(c);
            FlushTag(begins ? _tagLength - 1 : _tagLength);
            if (begins)
            {
                _tag[_tagLength++] = c;
            }

            return;
        }

        _tagLength = 0;
        if (tag == ThinkTag.Start)
        {
            Start();
        }
        else if (tag == ThinkTag.End || (tag == ThinkTag.Body && _channel.AsSpan().Trim().StartsWith(Final, StringComparison.Ordinal)))
        {
            End();
        }

        _channel = "";
    }

    private void Start()
    {
        if (_presumed)
        {
            // The presumption is wrong: a reply that is in thought does not begin to think, so what was held are words.
            StartsInThought = false;
            _presumed = false;
            if (_held.Length < MaxHeld)
            {
                _passed.Append(_held);
            }

            _held.Clear();
        }

        _thinking = true;
        _sawTag = true;
    }

    private void End()
    {
        if (!_presumed && !_thinking && !_sawTag && _sawWords)
        {
            StartsInThought = true;
            _takeBack = true;
            _passed.Clear();
        }

        _presumed = false;
        _held.Clear();
        _thinking = false;
        _sawTag = true;
    }

    private void FlushTag(int count)
    {
        _tagLength = 0;
        for (int i = 0; i < count; i++)
        {
            Pass(_tag[i]);
        }
    }

    private void Pass(char c)
    {
        if (_presumed)
        {
            if (_held.Length < MaxHeld)
            {
                _held.Append(c);
            }
        }
        else if (!_thinking)
        {
            _passed.Append(c);
            _sawWords = _sawWords || !char.IsWhiteSpace(c);
        }
        else if (_channel.Length < Final.Length)
        {
            _channel += c;
        }
    }

    private string TakePassed()
    {
        string passed = _passed.ToString();
        _passed.Clear();
        return passed;
    }
}
