using System.Buffers;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>
/// A buffer writer that returns exactly the requested size, or its piece size without a hint. Each buffer is new and dirty, so that bytes written
/// after Advance are lost.
/// </summary>
internal sealed class PiecewiseWriter(int piece) : IBufferWriter<byte>
{
    private readonly List<byte> _written = [];
    private byte[] _lent = [];

    public ReadOnlyMemory<byte> Written => _written.ToArray();

    public void Advance(int count)
    {
        _written.AddRange(_lent.AsSpan(0, count));
        Array.Fill(_lent, PoisonedPool.Canary);
        _lent = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _lent = new byte[Math.Max(1, Math.Max(sizeHint, sizeHint == 0 ? piece : 0))];
        Array.Fill(_lent, PoisonedPool.Canary);
        return _lent;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
