using System.Buffers;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>
/// A buffer writer that never gives more than was asked for or than its piece, and gives dirty memory that moves: what is
/// written behind an Advance is lost.
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
