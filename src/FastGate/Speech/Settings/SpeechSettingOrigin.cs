namespace FastGate.Speech.Settings;

/// <summary>A setting of a provider as it was written.</summary>
/// <param name="Setting">Its name.</param>
/// <param name="Value">Its value; a secret is masked.</param>
/// <param name="Origin">The key, or the place in the old server's file, that it comes from.</param>
internal sealed record SpeechSettingOrigin(string Setting, string Value, string Origin);
