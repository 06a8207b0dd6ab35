using System.Collections.Frozen;
using FastGate.Configuration.Options;
using FastGate.Conversation;

namespace FastGate.Sessions;

/// <summary>The session texts of one configuration, prepared for look-up. A reload replaces the whole object.</summary>
internal sealed class SessionTexts
{
    private readonly FrozenSet<string> _wakeupWords;
    private readonly FrozenSet<string> _exitCommands;

    public SessionTexts(SessionOptions options)
    {
        Greeting = options.Greeting;
        BusyText = options.BusyText;
        Goodbye = options.Goodbye;
        Conversation = new ConversationTexts(options.Prompt, options.EndPrompt, options.SystemErrorResponse);
        _wakeupWords = Bare(options.WakeupWords is { Count: > 0 } words ? words : SessionOptions.DefaultWakeupWords);
        _exitCommands = Bare(options.ExitCommands is { Count: > 0 } commands ? commands : SessionOptions.DefaultExitCommands);
    }

    public string Greeting { get; }

    public string BusyText { get; }

    public bool Goodbye { get; }

    public ConversationTexts Conversation { get; }

    public bool IsWakeupWord(string bareText) => _wakeupWords.Contains(bareText);

    public bool IsExitCommand(string bareText) => _exitCommands.Contains(bareText);

    /// <summary>The text in lower case without punctuation, symbols and white space; wake words and commands are compared in this form.</summary>
    public static string Bare(string text)
    {
        Span<char> kept = text.Length <= 256 ? stackalloc char[text.Length] : new char[text.Length];
        int count = 0;
        foreach (char c in text)
        {
            if (!char.IsPunctuation(c) && !char.IsSymbol(c) && !char.IsWhiteSpace(c))
            {
                kept[count++] = char.ToLowerInvariant(c);
            }
        }

        return new string(kept[..count]);
    }

    private static FrozenSet<string> Bare(IEnumerable<string> texts) =>
        texts.Select(Bare).Where(text => text.Length > 0).ToFrozenSet(StringComparer.Ordinal);
}
