namespace FastGate.Sessions;

/// <summary>The English texts in place of the Chinese defaults of the options; docs/operations.md lists both.</summary>
internal static class EnglishTexts
{
    public const string Prompt =
        "You are Xiaozhi, a friendly and patient voice assistant. Answer briefly, in the way people speak, without lists, tables or symbols other than emoji; "
        + "answer in the language that the user speaks.";

    public const string EndPrompt = "Say goodbye to the user in one warm sentence and end this conversation.";

    public const string Greeting = "Hi, I'm here. How can I help you?";

    public const string RestartText = "One moment, please.";

    public const string BusyText = "I'm a little busy right now. Please try again later.";

    public const string SystemErrorResponse = "Sorry, I can't answer right now. Let's try again later.";
}
