using System.Buffers.Binary;
using System.Net;
using FastGate.LoadTest.Linux;

namespace FastGate.LoadTest.Load;

/// <summary>
/// Where connections go and come from. A loopback address has 28,000 ports for one target; so devices come from many addresses of
/// 127.0.0.0/8, which also shows the server more than one client.
/// </summary>
internal sealed class SourceAddresses
{
    /// <summary>127.1.0.1: away from the addresses that other programs of the machine use.</summary>
    private const uint First = 0x7F010001;

    private readonly int _count;

    public SourceAddresses(IPEndPoint target, int count)
    {
        Target = BinaryPrimitives.ReadUInt32BigEndian(target.Address.MapToIPv4().GetAddressBytes());
        _count = IPAddress.IsLoopback(target.Address) ? count : 0;
    }

    public uint Target { get; }

    public static uint AddressOf(int number, int count) => First + (uint)(number % count);

    public int Bind(int descriptor, int number) => _count == 0 ? 0 : SystemCall.BindSource(descriptor, AddressOf(number, _count));
}
