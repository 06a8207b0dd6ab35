using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of authentication; event ids 7100 to 7199. They never contain a token, a key or a credential.</summary>
internal static partial class AuthLog
{
    [LoggerMessage(7100, LogLevel.Warning,
        "Auth is enabled without FastGate:Auth:Key: tokens are signed with a random key and become invalid when this process ends")]
    public static partial void RandomKey(this ILogger logger);
}
