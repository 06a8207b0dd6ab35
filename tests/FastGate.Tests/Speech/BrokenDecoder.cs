using FastGate.Speech.Codec;

namespace FastGate.Tests.Speech;

/// <summary>Fails at every packet.</summary>
internal sealed class BrokenDecoder : IOpusDecoder
{
    public bool IsDisposed { get; private set; }

    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm) => throw new InvalidOperationException("the decoder failed");

    public void Reset()
    {
    }

    public void Dispose() => IsDisposed = true;
}
