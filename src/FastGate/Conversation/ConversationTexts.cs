using FastGate.Configuration.Options;

namespace FastGate.Conversation;

/// <summary>The operator's texts for conversations. Read again for each turn, so a reload applies to the next turn.</summary>
internal sealed record ConversationTexts(string Prompt, string EndPrompt, string SystemErrorResponse)
{
    public PromptWords Words { get; init; } = PromptWords.Chinese;

    /// <summary>The same texts in English; null when they are in one language only.</summary>
    public ConversationTexts? English { get; init; }

    public ConversationTexts For(Turn turn) => turn.Language == SessionLanguage.En ? English ?? this : this;
}
