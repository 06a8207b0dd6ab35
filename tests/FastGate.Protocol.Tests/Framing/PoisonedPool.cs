using System.Buffers;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>Fills the arrays that this thread rents next from the shared pool with a known byte.</summary>
internal static class PoisonedPool
{
    public const byte Canary = 0xDB;

    public static void Poison(int largest = 1 << 20)
    {
        for (int size = 16; size <= largest; size *= 2)
        {
            byte[] array = ArrayPool<byte>.Shared.Rent(size);
            Array.Fill(array, Canary);
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
