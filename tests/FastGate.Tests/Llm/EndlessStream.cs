namespace FastGate.Tests.Llm;

/// <summary>A body that repeats some bytes without end, and counts what was read.</summary>
internal sealed class EndlessStream(byte[] repeated) : MemoryStream
{
    private readonly byte[] _block = [.. Enumerable.Repeat(repeated, 1 + (4_096 / repeated.Length)).SelectMany(static bytes => bytes)];
    private int _at;

    public long Total { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = Math.Min(buffer.Length, _block.Length - _at);
        _block.AsMemory(_at, count).CopyTo(buffer);
        _at = (_at + count) % _block.Length;
        Total += count;
        return ValueTask.FromResult(count);
    }
}
