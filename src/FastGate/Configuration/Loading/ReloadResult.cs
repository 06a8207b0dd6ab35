namespace FastGate.Configuration.Loading;

/// <summary>The outcome of a reload. With failures nothing was changed; <paramref name="Changed"/> is also false when no key differs.</summary>
internal sealed record ReloadResult(bool Succeeded, bool Changed, IReadOnlyList<string> Failures)
{
    public static ReloadResult Unchanged { get; } = new(true, false, []);

    public static ReloadResult Applied { get; } = new(true, true, []);

    public static ReloadResult Refused(IReadOnlyList<string> failures) => new(false, false, failures);
}
