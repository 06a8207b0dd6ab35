namespace FastGate.Conversation;

/// <summary>The operator's texts as the workers use them; asked for anew at each turn, so that a reload takes effect at the next.</summary>
internal sealed record ConversationTexts(string Prompt, string EndPrompt, string SystemErrorResponse);
