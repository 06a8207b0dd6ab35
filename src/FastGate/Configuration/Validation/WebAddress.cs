namespace FastGate.Configuration.Validation;

/// <summary>Absolute addresses with a host.</summary>
internal static class WebAddress
{
    /// <summary>Null for anything but an address of <c>http</c> or <c>https</c>.</summary>
    public static Uri? Http(string? text) => Parse(text) is { Scheme: "http" or "https" } address ? address : null;

    /// <summary>Null for anything but an address of <c>ws</c> or <c>wss</c>.</summary>
    public static Uri? WebSocket(string? text) => Parse(text) is { Scheme: "ws" or "wss" } address ? address : null;

    /// <summary>Whether the whole text is an address of one of these schemes.</summary>
    public static bool IsAny(string? text) => Http(text) is not null || WebSocket(text) is not null;

    /// <summary>
    /// The address without user and password. Of the addresses that devices get: anyone may ask for them, and neither devices nor browsers send a user and
    /// a password.
    /// </summary>
    public static string Public(string address) => address.Contains('@') && Uri.TryCreate(address, UriKind.Absolute, out Uri? parsed) && parsed.UserInfo.Length > 0
        ? parsed.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped)
        : address;

    private static Uri? Parse(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Host.Length > 0 ? address : null;
}
