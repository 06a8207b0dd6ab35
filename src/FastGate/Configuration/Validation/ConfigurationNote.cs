namespace FastGate.Configuration.Validation;

/// <summary>A warning about one place of a configuration file. The notes of a file are logged in one line.</summary>
internal sealed record ConfigurationNote(string File, long Line, string Text);
