namespace FastGate.Configuration.Validation;

/// <summary>The address that devices are sent to.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WebSocketUrlAttribute : OptionAttribute
{
    private const int MostCharacters = 512;

    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        string url = (string)value;
        return url.Length <= MostCharacters && WebAddress.WebSocket(url) is not null
            ? null
            : ("", url, $"an absolute ws:// or wss:// URL of at most {MostCharacters} characters, as in ws://192.168.1.25:8000/xiaozhi/v1/");
    }
}
