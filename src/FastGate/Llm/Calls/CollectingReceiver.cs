using System.Text;

namespace FastGate.Llm.Calls;

/// <summary>Collects a whole reply, for callers without a device.</summary>
internal sealed class CollectingReceiver : ILlmReceiver
{
    private readonly StringBuilder _text = new();
    private readonly ThinkFilter _think = new();

    public bool HasSpoken => false;

    public bool HasText { get; private set; }

    public void Text(string text)
    {
        _think.Append(text, _text);
        HasText |= _text.Length > 0 && !string.IsNullOrWhiteSpace(text);
    }

    public void End() => _think.End(_text);

    public void Restart()
    {
        _text.Clear();
        HasText = false;
        _think.Reset();
    }

    public override string ToString() => _text.ToString().Trim();
}
