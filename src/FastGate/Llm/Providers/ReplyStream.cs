using FastGate.Llm.Calls;

namespace FastGate.Llm.Providers;

/// <summary>
/// The bytes of a streamed reply on their way to an SDK. Two things are watched that SDKs let pass: a line or a reply without end, which
/// would grow their buffers without bound, and an end of the connection before the reply said it was over, which they take for its end.
/// </summary>
internal sealed class ReplyStream(Stream inner) : Stream
{
    /// <summary>A line holds one token, or one error; a megabyte of it is nobody's token.</summary>
    public const int MaxLine = 1024 * 1024;

    /// <summary>Far above what the longest reply within a call's total time comes to.</summary>
    public const long MaxReply = 64L * 1024 * 1024;

    private const int Carry = 32;

    private readonly byte[] _tail = new byte[Carry];
    private int _tailLength;
    private long _total;
    private int _line;
    private bool _ended;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Watch(buffer.Span[..read], buffer.Length);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = inner.Read(buffer, offset, count);
        Watch(buffer.AsSpan(offset, read), count);
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Watch(ReadOnlySpan<byte> bytes, int asked)
    {
        if (bytes.IsEmpty)
        {
            if (asked > 0 && !_ended)
            {
                throw new LlmException(LlmFailure.Cut, _total == 0 ? "the reply is empty" : "the reply ended in the middle");
            }

            return;
        }

        _total += bytes.Length;
        int newLine = bytes.LastIndexOf((byte)'\n');
        _line = newLine < 0 ? _line + bytes.Length : bytes.Length - newLine - 1;
        if (_line > MaxLine || _total > MaxReply)
        {
            throw new LlmException(LlmFailure.Garbage, "the reply has a line, or a length, beyond all bounds");
        }

        if (!_ended)
        {
            LookForEnd(bytes);
        }
    }

    /// <summary>The marks may be cut by a read anywhere, so the last bytes before it are looked at again.</summary>
    private void LookForEnd(ReadOnlySpan<byte> bytes)
    {
        Span<byte> seam = stackalloc byte[Carry * 2];
        _tail.AsSpan(0, _tailLength).CopyTo(seam);
        int head = Math.Min(bytes.Length, Carry);
        bytes[..head].CopyTo(seam[_tailLength..]);
        _ended = SaysEnd(seam[..(_tailLength + head)]) || SaysEnd(bytes);

        if (bytes.Length >= Carry)
        {
            bytes[^Carry..].CopyTo(_tail);
            _tailLength = Carry;
        }
        else
        {
            Span<byte> joined = seam[..(_tailLength + bytes.Length)];
            Span<byte> kept = joined[Math.Max(0, joined.Length - Carry)..];
            kept.CopyTo(_tail);
            _tailLength = kept.Length;
        }
    }

    private static bool SaysEnd(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("[DONE]"u8) >= 0
        || bytes.IndexOf("\"finish_reason\":\""u8) >= 0
        || bytes.IndexOf("\"finish_reason\": \""u8) >= 0
        || bytes.IndexOf("message_stop"u8) >= 0;
}
