namespace FastGate.Conversation;

/// <summary>The operator's texts for conversations. Read again for each turn, so a reload applies to the next turn.</summary>
internal sealed record ConversationTexts(string Prompt, string EndPrompt, string SystemErrorResponse);
