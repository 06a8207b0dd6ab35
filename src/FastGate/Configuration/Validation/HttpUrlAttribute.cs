namespace FastGate.Configuration.Validation;

/// <summary>An address that devices call over HTTP.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HttpUrlAttribute : OptionAttribute
{
    private const int MostCharacters = 512;

    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        string url = (string)value;
        return url.Length <= MostCharacters && WebAddress.Http(url) is not null
            ? null
            : ("", url, $"an absolute http:// or https:// URL of at most {MostCharacters} characters, as in https://gateway.example/mcp/vision/explain");
    }
}
