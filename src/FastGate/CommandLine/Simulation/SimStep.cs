namespace FastGate.CommandLine.Simulation;

/// <summary>One line of a script.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Text">The words, or the path of the sound; null for the generated one.</param>
/// <param name="From">The least seconds of a wait, the seconds of a generated sound, or the repetitions (0: without an end).</param>
/// <param name="To">The most seconds of a wait.</param>
/// <param name="AwaitsReply">Whether the device waits until the reply has ended.</param>
internal sealed record SimStep(SimStepKind Kind, string? Text = null, double From = 0, double To = 0, bool AwaitsReply = true);
