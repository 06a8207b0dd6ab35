using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Handshake;

/// <summary>
/// SHA-1 of exactly 60 bytes, the length of a handshake's key and its suffix. The hash of the framework creates a native context for each call,
/// which takes longer than the hash. The padding of 60 bytes fills a second block that is always the same, so its schedule is a constant.
/// </summary>
internal static class AcceptKeyHash
{
    public const int InputLength = 60;

    private const int Rounds = 80;
    private const int Stage = 20;

    // FIPS 180-4, section 6.1.2: the first words of the second block are zero, the last is the length of the input in bits.
    private static readonly uint[] s_padding = ScheduleOfPadding();

    /// <summary>Writes the 20 bytes of the hash.</summary>
    public static void Compute(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Length, InputLength);
        Span<uint> schedule = stackalloc uint[Rounds];
        for (int i = 0; i < InputLength / sizeof(uint); i++)
        {
            schedule[i] = BinaryPrimitives.ReadUInt32BigEndian(input[(i * sizeof(uint))..]);
        }

        schedule[15] = 0x8000_0000;
        Expand(schedule);
        Span<uint> state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
        Compress(state, schedule);
        Compress(state, s_padding);
        for (int i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash[(i * sizeof(uint))..], state[i]);
        }
    }

    private static uint[] ScheduleOfPadding()
    {
        uint[] schedule = new uint[Rounds];
        schedule[15] = InputLength * 8;
        Expand(schedule);
        return schedule;
    }

    /// <summary>The words of all rounds from the first 16, with the constants of the rounds added.</summary>
    private static void Expand(Span<uint> schedule)
    {
        for (int i = 16; i < Rounds; i++)
        {
            schedule[i] = BitOperations.RotateLeft(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
        }

        ReadOnlySpan<uint> constants = [0x5A82_7999, 0x6ED9_EBA1, 0x8F1B_BCDC, 0xCA62_C1D6];
        for (int i = 0; i < Rounds; i++)
        {
            schedule[i] += constants[i / Stage];
        }
    }

    /// <summary>Five rounds a step: the words change their names instead of their places.</summary>
    private static void Compress(Span<uint> state, ReadOnlySpan<uint> schedule)
    {
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int i = 0; i < Stage; i += 5)
        {
            ReadOnlySpan<uint> words = schedule.Slice(i, 5);
            Round(a, ref b, Choose(b, c, d), ref e, words[0]);
            Round(e, ref a, Choose(a, b, c), ref d, words[1]);
            Round(d, ref e, Choose(e, a, b), ref c, words[2]);
            Round(c, ref d, Choose(d, e, a), ref b, words[3]);
            Round(b, ref c, Choose(c, d, e), ref a, words[4]);
        }

        for (int i = Stage; i < 2 * Stage; i += 5)
        {
            ReadOnlySpan<uint> words = schedule.Slice(i, 5);
            Round(a, ref b, b ^ c ^ d, ref e, words[0]);
            Round(e, ref a, a ^ b ^ c, ref d, words[1]);
            Round(d, ref e, e ^ a ^ b, ref c, words[2]);
            Round(c, ref d, d ^ e ^ a, ref b, words[3]);
            Round(b, ref c, c ^ d ^ e, ref a, words[4]);
        }

        for (int i = 2 * Stage; i < 3 * Stage; i += 5)
        {
            ReadOnlySpan<uint> words = schedule.Slice(i, 5);
            Round(a, ref b, Majority(b, c, d), ref e, words[0]);
            Round(e, ref a, Majority(a, b, c), ref d, words[1]);
            Round(d, ref e, Majority(e, a, b), ref c, words[2]);
            Round(c, ref d, Majority(d, e, a), ref b, words[3]);
            Round(b, ref c, Majority(c, d, e), ref a, words[4]);
        }

        for (int i = 3 * Stage; i < Rounds; i += 5)
        {
            ReadOnlySpan<uint> words = schedule.Slice(i, 5);
            Round(a, ref b, b ^ c ^ d, ref e, words[0]);
            Round(e, ref a, a ^ b ^ c, ref d, words[1]);
            Round(d, ref e, e ^ a ^ b, ref c, words[2]);
            Round(c, ref d, d ^ e ^ a, ref b, words[3]);
            Round(b, ref c, c ^ d ^ e, ref a, words[4]);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(uint first, ref uint second, uint mixed, ref uint last, uint word)
    {
        last += BitOperations.RotateLeft(first, 5) + mixed + word;
        second = BitOperations.RotateLeft(second, 30);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Choose(uint b, uint c, uint d) => d ^ (b & (c ^ d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Majority(uint b, uint c, uint d) => (b & c) | (d & (b | c));
}
