namespace FastGate.Configuration.Loading;

/// <summary>One key of the schema that the option records make.</summary>
internal sealed record OptionKey(string Path, Type Type, bool IsList)
{
    /// <summary>Secrets are never printed.</summary>
    public bool IsSecret { get; } = Path is "Admin:Token" or "Auth:Key" or "Auth:Tokens" or "Management:Secret";
}
