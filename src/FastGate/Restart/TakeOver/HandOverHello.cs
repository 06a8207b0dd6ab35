using System.Buffers.Binary;

namespace FastGate.Restart.TakeOver;

/// <summary>What the new process says about itself.</summary>
/// <param name="OldestFormat">The oldest format of the state that it reads.</param>
/// <param name="NewestFormat">The newest.</param>
/// <param name="Capacity">The connections that it has descriptors for.</param>
internal readonly record struct HandOverHello(uint OldestFormat, uint NewestFormat, int Capacity)
{
    private const int Size = 3 * sizeof(int);

    /// <summary>A newer release may add fields at the end.</summary>
    public static HandOverHello Read(ReadOnlySpan<byte> body) => body.Length < Size
        ? throw new IOException("the hello of the new process is incomplete")
        : new HandOverHello(
            BinaryPrimitives.ReadUInt32LittleEndian(body),
            BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(body[8..]));

    public byte[] Write()
    {
        byte[] body = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(body, OldestFormat);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), NewestFormat);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), Capacity);
        return body;
    }
}
