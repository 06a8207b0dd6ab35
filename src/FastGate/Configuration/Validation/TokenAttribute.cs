namespace FastGate.Configuration.Validation;

/// <summary>A bearer token, or a list of them: visible ASCII, as an HTTP header can carry it. Never shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TokenAttribute : ItemsAttribute
{
    private const int MostCharacters = 1_024;

    public TokenAttribute()
        : base(mostItems: 1_000) => Secret = true;

    protected override string AllowedItem => "1 to 1,024 visible ASCII characters without spaces";

    protected override bool IsAllowed(string item) => item.Length is > 0 and <= MostCharacters && !item.AsSpan().ContainsAnyExceptInRange('!', '~');
}
