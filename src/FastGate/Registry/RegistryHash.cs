using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastGate.Registry;

/// <summary>
/// The registry's hash of a device id. Ids come from untrusted clients, so the hash is keyed by secrets of this process: colliding ids
/// cannot be prepared in advance. It is not a cryptographic hash and never leaves the process.
/// </summary>
/// <remarks>
/// It multiplies 16 bytes at a time into 128 bits and combines both halves. Every factor is first mixed with a secret, so that no
/// chosen input makes a factor zero, which would cancel the other factor.
/// </remarks>
internal readonly struct RegistryHash
{
    private readonly ulong _seed;
    private readonly ulong _first;
    private readonly ulong _second;

    private RegistryHash(ReadOnlySpan<ulong> secrets)
    {
        _seed = secrets[0];
        _first = secrets[1];
        _second = secrets[2];
    }

    public static RegistryHash CreateRandom()
    {
        // A GUID has 122 bits from the system's generator. RandomNumberGenerator would load OpenSSL before the server listens.
        Span<ulong> secrets = stackalloc ulong[4];
        Span<byte> bytes = MemoryMarshal.AsBytes(secrets);
        Guid.NewGuid().TryWriteBytes(bytes);
        Guid.NewGuid().TryWriteBytes(bytes[16..]);
        return new RegistryHash(secrets);
    }

    /// <returns>31 bits, never negative.</returns>
    public int Compute(ReadOnlySpan<char> id)
    {
        ref byte bytes = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(id));
        nuint left = (nuint)id.Length * sizeof(char);
        ulong hash = _seed ^ left;
        ulong a = 0;
        ulong b = 0;
        if (left > 16)
        {
            do
            {
                hash = Fold(Read64(ref bytes, 0) ^ _first, Read64(ref bytes, 8) ^ hash);
                bytes = ref Unsafe.Add(ref bytes, 16);
                left -= 16;
            }
            while (left > 16);

            // The last 16 bytes, some of which may already be included.
            a = Read64(ref Unsafe.Subtract(ref bytes, 16), left);
            b = Read64(ref Unsafe.Subtract(ref bytes, 8), left);
        }
        else if (left >= 8)
        {
            a = Read64(ref bytes, 0);
            b = Read64(ref bytes, left - 8);
        }
        else if (left >= 4)
        {
            a = Unsafe.ReadUnaligned<uint>(ref bytes);
            b = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, left - 4));
        }
        else if (left != 0)
        {
            a = Unsafe.ReadUnaligned<ushort>(ref bytes);
        }

        hash = Fold(a ^ _second, b ^ hash);
        return (int)(hash ^ (hash >> 32)) & int.MaxValue;
    }

    private static ulong Read64(ref byte bytes, nuint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, offset));

    private static ulong Fold(ulong x, ulong y)
    {
        ulong high = Math.BigMul(x, y, out ulong low);
        return high ^ low;
    }
}
