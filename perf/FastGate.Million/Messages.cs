using System.Buffers;
using System.Buffers.Text;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Million;

/// <summary>What the devices send. All requests share one buffer, so that sending allocates nothing.</summary>
internal sealed class Messages
{
    public const int DeviceIdLength = 17;

    private const string Before =
        "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 192.168.1.25\r\nAuthorization: Bearer test-token\r\n"
        + "Client-Id: 7b94d69a-9808-4c59-9c9b-704333b38aff\r\nConnection: Upgrade\r\nDevice-Id: ";

    private const string After =
        "\r\nProtocol-Version: 1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n";

    private readonly byte[] _request = Encoding.ASCII.GetBytes(Before + DeviceId(0) + After);
    private readonly byte[] _hello = Frame(
        """{"type":"hello","version":1,"features":{"mcp":false},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}"""u8);

    private readonly byte[] _ping = Frame("""{"type":"ping"}"""u8);

    public ReadOnlySpan<byte> Hello => _hello;

    public ReadOnlySpan<byte> Ping => _ping;

    public ReadOnlySpan<byte> Request(int device)
    {
        WriteDeviceId(_request.AsSpan(Before.Length), device);
        return _request;
    }

    public static string DeviceId(int device)
    {
        Span<byte> id = stackalloc byte[DeviceIdLength];
        WriteDeviceId(id, device);
        return Encoding.ASCII.GetString(id);
    }

    /// <summary>A locally administered MAC address.</summary>
    public static void WriteDeviceId(Span<byte> id, int device)
    {
        "02:00:"u8.CopyTo(id);
        for (int i = 0; i < 4; i++)
        {
            _ = Utf8Formatter.TryFormat((byte)(device >> (24 - (8 * i))), id[(6 + (3 * i))..], out _, new StandardFormat('x', 2));
            if (i < 3)
            {
                id[8 + (3 * i)] = (byte)':';
            }
        }
    }

    private static byte[] Frame(ReadOnlySpan<byte> text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + FrameHeader.MaxSize);
        FrameWriter.WriteMaskedFrame(output, Opcode.Text, fin: true, text, maskKey: 0x5A17C3F1);
        return output.WrittenSpan.ToArray();
    }
}
