using System.Text;

namespace FastGate.Llm.Calls;

/// <summary>
/// Removes the reasoning between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>; a tag may be split over chunks. Holds back at most the
/// beginning of a tag. A span without a closing tag is removed to the end.
/// </summary>
internal sealed class ThinkFilter
{
    private const string Open = "<think>";
    private const string Close = "</think>";

    private readonly StringBuilder _held = new(Close.Length);
    private bool _thinking;

    public void Append(ReadOnlySpan<char> chunk, StringBuilder spoken)
    {
        foreach (char c in chunk)
        {
            Append(c, spoken);
        }
    }

    /// <summary>The reply has ended: a held-back beginning of a tag is text.</summary>
    public void End(StringBuilder spoken)
    {
        if (!_thinking)
        {
            spoken.Append(_held);
        }

        _held.Clear();
    }

    public void Reset()
    {
        _held.Clear();
        _thinking = false;
    }

    private void Append(char c, StringBuilder spoken)
    {
        if (_held.Length == 0 && c != '<')
        {
            Pass(c, spoken);
            return;
        }

        _held.Append(c);
        if (IsHeld(Open))
        {
            _thinking = true;
            _held.Clear();
        }
        else if (IsHeld(Close))
        {
            // Valid without an opening tag: some chat templates add that one to the prompt.
            _thinking = false;
            _held.Clear();
        }
        else if (!MayBecome(Open) && !MayBecome(Close))
        {
            // Only the last character can begin another tag: both tags have one '<', at their start.
            bool begins = c == '<' && _held.Length > 1;
            int given = begins ? _held.Length - 1 : _held.Length;
            for (int i = 0; i < given; i++)
            {
                Pass(_held[i], spoken);
            }

            _held.Clear();
            if (begins)
            {
                _held.Append(c);
            }
        }
    }

    private void Pass(char c, StringBuilder spoken)
    {
        if (!_thinking)
        {
            spoken.Append(c);
        }
    }

    private bool IsHeld(string tag) => _held.Length == tag.Length && MayBecome(tag);

    private bool MayBecome(string tag)
    {
        if (_held.Length > tag.Length)
        {
            return false;
        }

        for (int i = 0; i < _held.Length; i++)
        {
            if (char.ToLowerInvariant(_held[i]) != tag[i])
            {
                return false;
            }
        }

        return true;
    }
}
