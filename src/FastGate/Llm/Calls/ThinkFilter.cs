using System.Text;

namespace FastGate.Llm.Calls;

/// <summary>
/// Takes out what a reasoning model thinks aloud between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>, wherever a chunk's border falls. Holds
/// back at most the beginning of a tag. A span that is never closed is dropped to the end.
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

    /// <summary>The reply is over: what looked like the beginning of a tag was none.</summary>
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
            // Also without an opening tag: some templates open the thinking themselves.
            _thinking = false;
            _held.Clear();
        }
        else if (!MayBecome(Open) && !MayBecome(Close))
        {
            // Only the newest character can begin another tag: both tags hold one '<', at their start.
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
