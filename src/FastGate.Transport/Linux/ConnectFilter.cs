namespace FastGate.Transport.Linux;

/// <summary>
/// A program of the kernel that drops the connects of some sources: their first packet is not answered, as if it had been lost. It passes every other packet,
/// so open connections of such a source live on. Costs a connect a few instructions for each source.
/// </summary>
internal static class ConnectFilter
{
    private const ushort LoadByte = 0x30;
    private const ushort LoadWord = 0x20;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;

    private const uint All = 0xFFFF_FFFF;
    private const uint Drop = 0;

    /// <summary>From here offsets count from the IP header; those below count from the TCP header.</summary>
    private const uint NetworkHeader = 0xFFF0_0000;

    private const uint TcpFlags = 13;
    private const uint SynAndAck = 0x12;
    private const uint Syn = 0x02;
    private const uint SourceIPv4 = NetworkHeader + 12;
    private const uint SourceIPv6 = NetworkHeader + 8;

    /// <param name="sources">Addresses, those of IPv4 in their IPv6-mapped form. At most 100: a jump has 255 instructions.</param>
    public static ulong[] DropConnectsOf(ReadOnlySpan<UInt128> sources)
    {
        List<ulong> ipv4 = [Instruction(LoadWord, SourceIPv4)], ipv6 = [];
        foreach (UInt128 source in sources)
        {
            if (source >> 32 == 0xFFFF)
            {
                ipv4.Add(Instruction(JumpIfEqual, (uint)source, ifNot: 1));
                ipv4.Add(Instruction(Return, Drop));
            }
            else
            {
                AddIPv6(ipv6, source);
            }
        }

        return
        [
            Instruction(LoadByte, TcpFlags),
            Instruction(And, SynAndAck),
            Instruction(JumpIfEqual, Syn, ifSo: 1),
            Instruction(Return, All),
            Instruction(LoadByte, NetworkHeader),
            Instruction(And, 0xF0),
            Instruction(JumpIfEqual, 0x40, ifNot: (byte)(ipv4.Count + 1)),
            .. ipv4,
            Instruction(Return, All),
            .. ipv6,
            Instruction(Return, All),
        ];
    }

    /// <summary>Compares the words of the address one by one; the first that differs leads to the next address.</summary>
    private static void AddIPv6(List<ulong> program, UInt128 source)
    {
        const int Words = 4;
        for (int word = 0; word < Words; word++)
        {
            program.Add(Instruction(LoadWord, SourceIPv6 + (4 * (uint)word)));
            program.Add(Instruction(JumpIfEqual, (uint)(source >> (96 - (32 * word))), ifNot: (byte)((2 * (Words - 1 - word)) + 1)));
        }

        program.Add(Instruction(Return, Drop));
    }

    /// <summary>struct sock_filter</summary>
    private static ulong Instruction(ushort code, uint operand, byte ifSo = 0, byte ifNot = 0) =>
        code | ((ulong)ifSo << 16) | ((ulong)ifNot << 24) | ((ulong)operand << 32);
}
