namespace FastGate.Tests.Llm;

/// <summary>A body that arrives in two pieces, or in many of one size.</summary>
internal sealed class PieceStream(byte[] bytes, int piece, bool everyPiece = false) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int left = everyPiece || Position < piece ? piece - (everyPiece ? 0 : (int)Position) : int.MaxValue;
        return base.ReadAsync(buffer[..Math.Min(left, buffer.Length)], cancellationToken);
    }
}
