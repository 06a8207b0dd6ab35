using System.Buffers;
using System.Text;

namespace FastGate.LoadTest.Devices;

/// <summary>
/// The upgrade request as the firmware's client sends it: Host without a port, then its headers in ASCII order, no optional header,
/// and the same key on every board.
/// </summary>
internal sealed class FirmwareRequest
{
    private readonly byte[] _start;
    private readonly byte[] _authorization;
    private readonly byte[] _end;

    public FirmwareRequest(string host, string path, string? token, int version = 1)
    {
        _end = Encoding.UTF8.GetBytes($"\r\nProtocol-Version: {version}\r\nSec-WebSocket-Key: Z4tYv7QjVcW5mFhqk0o2sA==\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n");
        _start = Encoding.UTF8.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\n");

        // The firmware adds "Bearer " only to a token without a space.
        _authorization = token is not { Length: > 0 } ? []
            : Encoding.UTF8.GetBytes($"Authorization: {(token.Contains(' ', StringComparison.Ordinal) ? "" : "Bearer ")}{token}\r\n");
    }

    public void Write(IBufferWriter<byte> output, FirmwareIdentity identity)
    {
        output.Write(_start);
        output.Write(_authorization);
        output.Write("Client-Id: "u8);
        identity.WriteClientId(output.GetSpan(FirmwareIdentity.ClientIdLength));
        output.Advance(FirmwareIdentity.ClientIdLength);
        output.Write("\r\nConnection: Upgrade\r\nDevice-Id: "u8);
        identity.WriteMac(output.GetSpan(FirmwareIdentity.MacLength));
        output.Advance(FirmwareIdentity.MacLength);
        output.Write(_end);
    }
}
