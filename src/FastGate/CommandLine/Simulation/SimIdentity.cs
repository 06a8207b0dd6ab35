using System.Buffers.Binary;
using System.Globalization;

namespace FastGate.CommandLine.Simulation;

/// <summary>The MAC address and the UUID of a device, from its number and the fleet's seed: the same in every run.</summary>
internal readonly record struct SimIdentity(string DeviceId, string ClientId)
{
    public const string Board = "simulated";
    public const string Firmware = "2.0.0";

    public static SimIdentity Of(int seed, int number)
    {
        // 02: an address that no manufacturer assigns.
        string mac = string.Create(
            CultureInfo.InvariantCulture, $"02:{seed & 0xFF:x2}:{(number >> 24) & 0xFF:x2}:{(number >> 16) & 0xFF:x2}:{(number >> 8) & 0xFF:x2}:{number & 0xFF:x2}");
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, (long)seed * 0x5851F42D4C957F2D);
        BinaryPrimitives.WriteInt64BigEndian(id[8..], ((long)number + 1) * 0x14057B7EF767814F);
        id[6] = (byte)((id[6] & 0x0F) | 0x40);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new SimIdentity(mac, new Guid(id, bigEndian: true).ToString());
    }
}
