using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FastGate.Tests.Transport;

/// <summary><c>TCP_INFO</c> of a socket.</summary>
internal readonly struct TcpInfo
{
    private const int TcpLevel = 6;
    private const int Option = 11;
    private const int UnackedOffset = 24;
    private const int DataSegmentsInOffset = 152;
    private const byte ClosedState = 7;

    private readonly byte[] _info;

    private TcpInfo(byte[] info) => _info = info;

    /// <summary>
    /// Received segments with data. On loopback without delays each send below 64 KiB is one segment.
    /// </summary>
    public uint DataSegmentsIn => MemoryMarshal.Read<uint>(_info.AsSpan(DataSegmentsInOffset));

    /// <summary>The peer's kernel has all sent bytes.</summary>
    public bool IsDelivered => MemoryMarshal.Read<uint>(_info.AsSpan(UnackedOffset)) == 0;

    /// <summary>Both sides have ended and acknowledged it.</summary>
    public bool IsClosed => _info[0] == ClosedState;

    public static TcpInfo Of(Socket socket)
    {
        byte[] info = new byte[256];
        int length = socket.GetRawSocketOption(TcpLevel, Option, info);
        Assert.True(length >= DataSegmentsInOffset + sizeof(uint), "The kernel is older than the server asks for.");
        return new TcpInfo(info);
    }
}
