using System.Runtime.CompilerServices;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>An accepted descriptor and the address of its peer.</summary>
internal struct LoopConnect
{
    public int Descriptor;
    public PeerAddress Address;

    public LoopConnect(int descriptor, ReadOnlySpan<byte> address)
    {
        Descriptor = descriptor;
        address.CopyTo(Address);
    }

    [InlineArray(LinuxSocket.AddressSize)]
    internal struct PeerAddress
    {
        private byte _first;
    }
}
