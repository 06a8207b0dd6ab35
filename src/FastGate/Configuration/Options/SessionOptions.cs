using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>
/// Texts of the conversation. None is empty by default, because a device that says nothing looks broken. A text that differs from its default is
/// used for every language.
/// </summary>
internal sealed record SessionOptions : IOptionSection
{
    /// <summary>The language of the texts that are not configured.</summary>
    public SessionLanguage Language { get; init; }

    /// <summary>System prompt of conversations.</summary>
    [Text(65_536)]
    public string Prompt { get; init; } =
        "你是小智，一个友好、耐心的语音助手。请用口语化的中文简短作答，不使用列表、表格和表情之外的符号；用户使用其他语言时，用同一种语言回答。";

    /// <summary>Words that wake a device; they are answered by <see cref="Greeting"/> without a model.</summary>
    [Words]
    public IReadOnlyList<string> WakeupWords { get; init; } = [];

    /// <summary>Words that end a session.</summary>
    [Words]
    public IReadOnlyList<string> ExitCommands { get; init; } = [];

    /// <summary>Whether an exit command is answered, by <see cref="GoodbyeText"/> or <see cref="EndPrompt"/>, before the connection is closed.</summary>
    public bool Goodbye { get; init; } = true;

    /// <summary>Asks the model for the goodbye.</summary>
    [Text(4_096)]
    public string EndPrompt { get; init; } = "请用一句温暖的话和用户道别，结束这次对话。";

    /// <summary>The goodbye, without a model; absent: the model says it.</summary>
    [Text(4_096)]
    public string? GoodbyeText { get; init; }

    /// <summary>Reply to a wakeup word.</summary>
    [Text(4_096)]
    public string Greeting { get; init; } = "你好，我在呢，有什么可以帮你？";

    /// <summary>Reply when too many turns wait.</summary>
    [Text(4_096)]
    public string BusyText { get; init; } = "现在有点忙，请稍后再试。";

    /// <summary>Said when a restart ends a reply that takes too long.</summary>
    [Text(4_096)]
    public string RestartText { get; init; } = "请稍等一下。";

    /// <summary>Reply when no model answers.</summary>
    [Text(4_096)]
    public string SystemErrorResponse { get; init; } = "主人，小智现在有点忙，我们稍后再试吧。";

    public static IReadOnlyList<string> DefaultWakeupWords { get; } =
        ["你好小智", "你好小志", "小爱同学", "你好小鑫", "你好小新", "小美同学", "小龙小龙", "喵喵同学", "小滨小滨", "小冰小冰", "嘿你好呀"];

    public static IReadOnlyList<string> DefaultExitCommands { get; } = ["退出", "关闭", "再见", "拜拜"];

    /// <summary>Default wake words besides the Chinese ones unless <see cref="Language"/> is Chinese, like the exit commands.</summary>
    public static IReadOnlyList<string> EnglishWakeupWords { get; } = ["hi xiaozhi", "hello xiaozhi", "hey xiaozhi", "hi esp", "jarvis", "alexa"];

    public static IReadOnlyList<string> EnglishExitCommands { get; } = ["exit", "quit", "goodbye", "bye bye"];
}
