namespace FastGate.Configuration.Validation;

/// <summary>Addresses that FastGate calls over HTTP. They may contain a secret, so they are not shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HttpUrlsAttribute : ItemsAttribute
{
    private const int MostCharacters = 2_048;

    public HttpUrlsAttribute()
        : base(mostItems: 8) => Secret = true;

    protected override string AllowedItem => "an absolute http:// or https:// URL without user name and password";

    protected override bool IsAllowed(string item) => item.Length <= MostCharacters && WebAddress.Http(item) is { UserInfo.Length: 0 };
}
