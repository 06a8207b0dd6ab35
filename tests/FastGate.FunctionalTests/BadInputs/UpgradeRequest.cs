using System.Text;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>An upgrade that is right in everything a row does not change.</summary>
internal static class UpgradeRequest
{
    public const string DefaultLine = "GET /xiaozhi/v1/ HTTP/1.1";

    private static readonly string[] s_headers =
    [
        "Host: gateway",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Device-Id: stranger",
    ];

    /// <summary>The request with another first line.</summary>
    public static byte[] WithLine(string line) => Bytes($"{line}\r\n{string.Join("\r\n", s_headers)}\r\n\r\n");

    /// <summary>The request with further header lines at its end.</summary>
    public static byte[] With(params string[] headers) =>
        Bytes($"{DefaultLine}\r\n{string.Join("\r\n", [.. s_headers, .. headers])}\r\n\r\n");

    /// <summary>The request with one header replaced; null removes it.</summary>
    public static byte[] Replacing(string name, string? line)
    {
        IEnumerable<string> headers = s_headers
            .Select(header => header.StartsWith(name + ":", StringComparison.Ordinal) ? line : header)
            .OfType<string>();
        return Bytes($"{DefaultLine}\r\n{string.Join("\r\n", headers)}\r\n\r\n");
    }

    /// <summary>One byte a character, so that rows can spell bytes above 0x7f.</summary>
    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);
}
