using System.Buffers.Binary;

namespace FastGate.Restart.TakeOver;

/// <summary>What the new process says about itself.</summary>
/// <param name="OldestFormat">The oldest format of the state that it reads.</param>
/// <param name="NewestFormat">The newest.</param>
/// <param name="Capacity">The connections that it has descriptors for.</param>
internal readonly record struct HandOverHello(int OldestFormat, int NewestFormat, int Capacity)
{
    private const int Size = 3 * sizeof(int);

    /// <summary>A newer release may add fields at the end.</summary>
    public static HandOverHello Read(ReadOnlySpan<byte> body) => body.Length < Size
        ? throw new IOException("the hello of the new process is incomplete")
        : new HandOverHello(
            BinaryPrimitives.ReadInt32LittleEndian(body),
            BinaryPrimitives.ReadInt32LittleEndian(body[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(body[8..]));

    public byte[] Write()
    {
        byte[] body = new byte[Size];
        BinaryPrimitives.WriteInt32LittleEndian(body, OldestFormat);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), NewestFormat);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), Capacity);
        return body;
    }
}
