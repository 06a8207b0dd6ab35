using System.Text;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Builds a valid upgrade request with one change.</summary>
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
        "Device-Id: default",
    ];

    /// <summary>Returns the request with another request line.</summary>
    public static byte[] WithLine(string line) => Bytes($"{line}\r\n{string.Join("\r\n", s_headers)}\r\n\r\n");

    /// <summary>Returns the request with additional headers.</summary>
    public static byte[] With(params string[] headers) =>
        Bytes($"{DefaultLine}\r\n{string.Join("\r\n", [.. s_headers, .. headers])}\r\n\r\n");

    /// <summary>Returns the request with one header replaced; null removes the header.</summary>
    public static byte[] Replacing(string name, string? line)
    {
        IEnumerable<string> headers = s_headers
            .Select(header => header.StartsWith(name + ":", StringComparison.Ordinal) ? line : header)
            .OfType<string>();
        return Bytes($"{DefaultLine}\r\n{string.Join("\r\n", headers)}\r\n\r\n");
    }

    /// <summary>Encodes as Latin-1, so that a row can contain bytes above 0x7f.</summary>
    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);
}
