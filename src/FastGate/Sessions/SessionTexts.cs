using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>
/// The session texts of one configuration in one language; <see cref="For"/> gives those of the other. A reload replaces the whole object.
/// </summary>
internal sealed class SessionTexts
{
    private static readonly SessionOptions s_defaults = new();

    private readonly SessionLanguage _configured;
    private readonly HashSet<string> _wakeupWords;
    private readonly HashSet<string> _exitCommands;
    private readonly SessionTexts? _english;

    /// <summary>The Chinese texts.</summary>
    public SessionTexts(SessionOptions options)
    {
        Greeting = options.Greeting;
        BusyText = options.BusyText;
        RestartText = options.RestartText;
        Goodbye = options.Goodbye;
        GoodbyeText = options.GoodbyeText;
        _configured = options.Language;
        _wakeupWords = Bare(options.WakeupWords, SessionOptions.DefaultWakeupWords, SessionOptions.EnglishWakeupWords);
        _exitCommands = Bare(options.ExitCommands, SessionOptions.DefaultExitCommands, SessionOptions.EnglishExitCommands);
        _english = new SessionTexts(options, this);
        Conversation = new ConversationTexts(options.Prompt, options.EndPrompt, options.SystemErrorResponse) { English = _english.Conversation };
    }

    private SessionTexts(SessionOptions options, SessionTexts chinese)
    {
        Greeting = Translate(options.Greeting, s_defaults.Greeting, EnglishTexts.Greeting);
        BusyText = Translate(options.BusyText, s_defaults.BusyText, EnglishTexts.BusyText);
        RestartText = Translate(options.RestartText, s_defaults.RestartText, EnglishTexts.RestartText);
        Goodbye = options.Goodbye;
        GoodbyeText = options.GoodbyeText;
        _configured = options.Language;
        _wakeupWords = chinese._wakeupWords;
        _exitCommands = chinese._exitCommands;
        Conversation = new ConversationTexts(
            Translate(options.Prompt, s_defaults.Prompt, EnglishTexts.Prompt),
            Translate(options.EndPrompt, s_defaults.EndPrompt, EnglishTexts.EndPrompt),
            Translate(options.SystemErrorResponse, s_defaults.SystemErrorResponse, EnglishTexts.SystemErrorResponse))
        {
            Words = PromptWords.English,
        };
    }

    public string Greeting { get; }

    public string BusyText { get; }

    public bool Goodbye { get; }

    /// <summary>Null: the model says the goodbye.</summary>
    public string? GoodbyeText { get; }

    /// <summary>True for a line that all devices of the language hear: its sound is kept.</summary>
    public bool IsFixedLine(string text) =>
        text == Greeting || text == BusyText || text == RestartText || text == GoodbyeText || text == Conversation.SystemErrorResponse;

    public ConversationTexts Conversation { get; }

    public string RestartText { get; }

    /// <summary>Also the texts of the <c>server</c> message.</summary>
    public string Restarting => IsEnglish ? "The server is restarting..." : "服务器重启中...";

    /// <summary>The title of an operator's text on the device.</summary>
    public string AlertTitle => IsEnglish ? "Notice" : "通知";

    public string Reloaded => IsEnglish ? "The configuration has been updated" : "配置更新成功";

    public string ReloadFailed => IsEnglish ? "The configuration could not be updated" : "更新服务器配置失败";

    public string WrongSecret => IsEnglish ? "The server secret is wrong" : "服务器密钥验证失败";

    public ReadOnlySpan<byte> ReplacedNotice => IsEnglish ? GatewayMessageWriter.ReplacedNoticeInEnglish : GatewayMessageWriter.ReplacedNotice;

    public ReadOnlySpan<byte> TimeoutWarning => IsEnglish ? GatewayMessageWriter.TimeoutWarningInEnglish : GatewayMessageWriter.TimeoutWarning;

    public ReadOnlySpan<byte> RegistrationFailed => IsEnglish ? GatewayMessageWriter.RegistrationFailedInEnglish : GatewayMessageWriter.RegistrationFailed;

    private bool IsEnglish => _english is null;

    /// <summary>The configured language, or that of the device where the option is <c>auto</c>. Unknown is Chinese. On the Chinese texts only.</summary>
    public SessionLanguage LanguageFor(SessionLanguage device) => _configured == SessionLanguage.Auto ? device : _configured;

    /// <summary>The texts in <see cref="LanguageFor"/>. On the Chinese texts only.</summary>
    public SessionTexts For(SessionLanguage device) => LanguageFor(device) == SessionLanguage.En ? _english ?? this : this;

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

    /// <summary>The stock <c>config.yaml</c> of the old server repeats some defaults, so a text is compared rather than looked for.</summary>
    private static string Translate(string text, string chinese, string english) => text == chinese ? english : text;

    private HashSet<string> Bare(IReadOnlyList<string> configured, IReadOnlyList<string> chinese, IReadOnlyList<string> english)
    {
        IEnumerable<string> texts = configured is { Count: > 0 } ? configured : _configured == SessionLanguage.Zh ? chinese : chinese.Concat(english);
        return texts.Select(Bare).Where(text => text.Length > 0).ToHashSet(StringComparer.Ordinal);
    }
}
