namespace FastGate.Llm.Settings;

/// <summary>A template's placeholder and the key that holds it.</summary>
internal sealed record LlmPlaceholder(string Key, string Text);
