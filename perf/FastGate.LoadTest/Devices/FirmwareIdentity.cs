using System.Buffers.Binary;
using System.Buffers.Text;

namespace FastGate.LoadTest.Devices;

/// <summary>A device's MAC address and UUID, made of its number and the run's seed, in lower case as the firmware writes them.</summary>
internal readonly struct FirmwareIdentity
{
    public const int MacLength = 17;
    public const int ClientIdLength = 36;

    private readonly int _seed;
    private readonly int _number;

    public FirmwareIdentity(int seed, int number)
    {
        _seed = seed;
        _number = number;
    }

    /// <summary>A locally administered address: 02, the seed's low byte, the number.</summary>
    public void WriteMac(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[6];
        bytes[0] = 0x02;
        bytes[1] = (byte)_seed;
        BinaryPrimitives.WriteInt32BigEndian(bytes[2..], _number);
        Span<byte> pair = stackalloc byte[2];
        for (int i = 0; i < bytes.Length; i++)
        {
            Utf8Formatter.TryFormat(bytes[i], pair, out _, new('x', 2));
            pair.CopyTo(destination[(3 * i)..]);
            if (i > 0)
            {
                destination[(3 * i) - 1] = (byte)':';
            }
        }
    }

    /// <summary>A version 4 UUID.</summary>
    public void WriteClientId(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, _seed * 0x5851F42D4C957F2D);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], ((long)_number + 1) * 0x14057B7EF767814F);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        new Guid(bytes, bigEndian: true).TryFormat(destination, out _);
    }
}
