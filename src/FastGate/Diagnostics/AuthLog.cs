using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of authentication; event ids 7100 to 7199. They never contain a token, a key or a credential.</summary>
internal static partial class AuthLog
{
    [LoggerMessage(7100, LogLevel.Warning,
        "Auth is enabled without FastGate:Auth:Key: tokens are signed with a random key and become invalid when this process ends")]
    public static partial void RandomKey(this ILogger logger);

    [LoggerMessage(7665, LogLevel.Warning,
        "Auth:Ota is Open: every client that posts a device id to the OTA address gets a valid token for it; set it to Known or Activate when the HTTP port can be reached from the internet")]
    public static partial void OtaIsOpen(this ILogger logger);
}
