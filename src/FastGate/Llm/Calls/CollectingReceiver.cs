using System.Text;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>Collects a whole reply, for callers without a device.</summary>
internal sealed class CollectingReceiver : ILlmReceiver
{
    private readonly StringBuilder _text = new();

    public bool HasSpoken => false;

    public bool HasText { get; private set; }

    public void Text(string text)
    {
        _text.Append(text);
        HasText |= !string.IsNullOrWhiteSpace(text);
    }

    public void Call(FunctionCallContent call)
    {
    }

    public void End()
    {
    }

    public void Restart()
    {
        _text.Clear();
        HasText = false;
    }

    public override string ToString() => _text.ToString().Trim();
}
