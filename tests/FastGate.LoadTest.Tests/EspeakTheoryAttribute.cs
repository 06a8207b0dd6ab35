namespace FastGate.LoadTest.Tests;

/// <summary>A theory that needs the program espeak-ng.</summary>
public sealed class EspeakTheoryAttribute : TheoryAttribute
{
    public EspeakTheoryAttribute() => Skip = Reason;

    internal static string? Reason { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static folder => File.Exists(Path.Combine(folder, "espeak-ng")))
        ? null : "espeak-ng is not installed";
}
