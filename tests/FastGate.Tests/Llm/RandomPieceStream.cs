namespace FastGate.Tests.Llm;

/// <summary>A body that arrives in pieces of random length. Reading on after its end fails.</summary>
internal sealed class RandomPieceStream(byte[] bytes, int seed) : MemoryStream(bytes)
{
    private readonly Random _random = new(seed);
    private readonly int _longest = seed % 3 == 0 ? 3 : 300;
    private int _readsAtEnd;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Assert.True(Position < Length || _readsAtEnd++ < 3, "the end of the body was read more than three times");
        return base.ReadAsync(buffer[..Math.Min(buffer.Length, _random.Next(1, _longest))], cancellationToken);
    }
}
