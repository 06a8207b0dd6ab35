namespace FastGate.CommandLine.Output;

/// <summary>One line of a live display.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The text of the newest value.</param>
/// <param name="Number">The newest value for the history; null for a text.</param>
internal readonly record struct LiveRow(string Name, string Value, double? Number = null);
