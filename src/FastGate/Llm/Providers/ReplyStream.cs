using System.Buffers;
using FastGate.Llm.Failures;

namespace FastGate.Llm.Providers;

/// <summary>
/// The body of a streamed reply, with bounds on a line and on the whole. At the end it appends a blank line, because a server-sent event
/// counts only once a blank line follows and some servers leave out the last one.
/// </summary>
internal sealed class ReplyStream(Stream inner) : Stream
{
    /// <summary>Bytes of one line. A line holds one token or one error.</summary>
    public const int MaxLine = 1024 * 1024;

    /// <summary>Bytes of a reply, far above what a model generates within the longest total timeout.</summary>
    public const long MaxReply = 64L * 1024 * 1024;

    private static readonly SearchValues<byte> s_ignored = SearchValues.Create([(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xEF, 0xBB, 0xBF]);
    private static readonly byte[] s_blankLine = "\n\n"u8.ToArray();

    // The first bytes, read by PeekAsync and not yet handed out.
    private readonly byte[] _peeked = new byte[16];
    private int _peekedStart;
    private int _peekedEnd;
    private int _blankLineSent;
    private long _total;
    private int _line;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// The first byte that is neither white space nor part of a byte order mark, which are dropped; the byte itself stays. Null for an empty body.
    /// </summary>
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int read = await inner.ReadAsync(_peeked, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            Check(_peeked.AsSpan(0, read));
            int first = _peeked.AsSpan(0, read).IndexOfAnyExcept(s_ignored);
            if (first >= 0)
            {
                (_peekedStart, _peekedEnd) = (first, read);
                return _peeked[first];
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_peekedStart < _peekedEnd)
        {
            int count = Math.Min(buffer.Length, _peekedEnd - _peekedStart);
            _peeked.AsMemory(_peekedStart, count).CopyTo(buffer);
            _peekedStart += count;
            return count;
        }

        int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read > 0 || buffer.Length == 0)
        {
            Check(buffer.Span[..read]);
            return read;
        }

        int rest = Math.Min(buffer.Length, s_blankLine.Length - _blankLineSent);
        s_blankLine.AsMemory(_blankLineSent, rest).CopyTo(buffer);
        _blankLineSent += rest;
        return rest;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Replies are read asynchronously.");

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

    private void Check(ReadOnlySpan<byte> bytes)
    {
        _total += bytes.Length;
        int lineEnd = bytes.LastIndexOfAny((byte)'\n', (byte)'\r');
        _line = lineEnd < 0 ? _line + bytes.Length : bytes.Length - lineEnd - 1;
        if (_line > MaxLine || _total > MaxReply)
        {
            throw new LlmException(LlmFailure.Garbage, $"the reply has a line above {MaxLine} bytes or more than {MaxReply} bytes");
        }
    }
}
