using System.IO.Pipelines;
using FastGate.Transport.Tls;

namespace FastGate.Testing.Tls;

/// <summary>The device's end of an <see cref="InMemoryConnection"/> as a stream, which may send in pieces.</summary>
internal sealed class PeerStream(InMemoryConnection connection, int pieces = int.MaxValue) : Stream
{
    private readonly TlsStream _inner = new(new Ends(connection), static () => { });

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int at = 0; at < buffer.Length; at += pieces)
        {
            await _inner.WriteAsync(buffer.Slice(at, Math.Min(pieces, buffer.Length - at)), cancellationToken);
            if (pieces == int.MaxValue)
            {
                break;
            }
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private sealed class Ends(InMemoryConnection connection) : IDuplexPipe
    {
        public PipeReader Input => connection.PeerInput;

        public PipeWriter Output => connection.PeerOutput;
    }
}
