using System.Text;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>What the hostile peers do. Their bytes are invalid on purpose and therefore literal.</summary>
internal static class HostilePeer
{
    public static readonly int Kinds = Enum.GetValues<HostileKind>().Length;

    private const long Drip = 500_000_000;
    private const long Flood = 20_000_000;
    private const int FloodPings = 16;

    private static readonly byte[] s_headers = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-Filler: 0123456789012345678901234567890123456789\r\n", 200)));

    public static HostileKind KindOf(SimulatedDevice device, int goodDevices) => (HostileKind)((device.Number - goodDevices) % Kinds);

    public static void OnConnected(SimulatedDevice device, HostileKind kind, long now)
    {
        switch (kind)
        {
            case HostileKind.Silent:
                break;
            case HostileKind.SlowRequest:
                device.Step = 0;
                device.Arm(now + Drip);
                break;
            case HostileKind.Garbage:
                device.Socket.Send("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03 this is another protocol\r\n\r\n"u8);
                break;
            case HostileKind.EndlessHeaders:
                device.Socket.Send("GET / HTTP/1.1\r\nHost: x\r\n"u8);
                device.Socket.Send(s_headers);
                break;
            default:
                device.SendRequest();
                break;
        }
    }

    public static void OnUpgraded(SimulatedDevice device, HostileKind kind, long now)
    {
        switch (kind)
        {
            case HostileKind.NeverReads:
                device.Socket.Reads = false;
                device.Arm(now + Flood);
                break;
            case HostileKind.SlowMessage:
                device.Socket.Send([0x81, 0xFE, 0x40, 0x00, 0, 0, 0, 0]);
                device.Arm(now + Drip);
                break;
            case HostileKind.Unmasked:
                device.Socket.Send([0x81, 0x02, (byte)'{', (byte)'}']);
                break;
            case HostileKind.ReservedOpcode:
                device.Socket.Send([0x83, 0x80, 0, 0, 0, 0]);
                break;
            case HostileKind.HugeFrame:
                device.Socket.Send([0x82, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
                break;
            case HostileKind.EndlessFragments:
                device.Socket.Send([0x01, 0x80, 0, 0, 0, 0]);
                device.Arm(now + Flood);
                break;
            case HostileKind.Nonsense:
                device.Arm(now + Flood);
                break;
            case HostileKind.Flapping:
                device.Drop();
                break;
        }
    }

    public static void OnTimer(SimulatedDevice device, HostileKind kind, long due)
    {
        switch (kind)
        {
            case HostileKind.SlowRequest:
                ReadOnlySpan<byte> request = "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: slow.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"u8;
                device.Socket.Send(request.Slice(device.Step++ % request.Length, 1));
                device.Arm(due + Drip);
                break;
            case HostileKind.SlowMessage:
                device.Socket.Send(" "u8);
                device.Arm(due + Drip);
                break;
            case HostileKind.NeverReads:
                for (int i = 0; i < FloodPings && device.Socket.Unsent == 0; i++)
                {
                    device.Send(Opcode.Text, FirmwareMessages.Ping);
                }

                device.Arm(due + Flood);
                break;
            case HostileKind.EndlessFragments:
                device.Socket.Send([0x00, 0x80, 0, 0, 0, 0]);
                device.Arm(due + Flood);
                break;
            case HostileKind.Nonsense:
                device.Send(Opcode.Text, "[[[[{\"type\":"u8);
                device.Send(Opcode.Binary, []);
                device.Arm(due + Flood);
                break;
        }
    }
}
