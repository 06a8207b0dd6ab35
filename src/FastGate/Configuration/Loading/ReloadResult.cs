namespace FastGate.Configuration.Loading;

/// <summary>
/// What a reload did. With failures nothing was changed; <paramref name="Changed"/> is false too when the files say what they said before.
/// </summary>
internal sealed record ReloadResult(bool Succeeded, bool Changed, IReadOnlyList<string> Failures)
{
    public static ReloadResult Unchanged { get; } = new(true, false, []);

    public static ReloadResult Applied { get; } = new(true, true, []);

    public static ReloadResult Refused(IReadOnlyList<string> failures) => new(false, false, failures);
}
