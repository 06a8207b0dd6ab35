using System.Buffers;
using FastGate.Llm.Failures;

namespace FastGate.Llm.Providers;

/// <summary>
/// The lines of a reply's body, which end with CR, LF or CRLF; the last one may lack its end. A line and the whole are bounded. One reader at a time.
/// </summary>
internal sealed class ReplyLines(Stream body) : IDisposable
{
    /// <summary>Bytes of one line. A line holds one token or one error.</summary>
    public const int MaxLine = 1024 * 1024;

    /// <summary>Bytes of a reply, far above what a model generates within the longest total timeout.</summary>
    public const long MaxReply = 64L * 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private int _start;
    private int _scanned;
    private int _end;
    private long _total;
    private bool _skipLineFeed;
    private bool _ended;

    /// <summary>The next line without its end, valid until the next call. False when more must be read.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        if (_skipLineFeed && _scanned < _end)
        {
            _skipLineFeed = false;
            if (_buffer[_scanned] == (byte)'\n')
            {
                _start = ++_scanned;
            }
        }

        int at = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny((byte)'\n', (byte)'\r');
        if (at >= 0)
        {
            int lineEnd = _scanned + at;
            line = _buffer.AsSpan(_start, lineEnd - _start);
            _skipLineFeed = _buffer[lineEnd] == (byte)'\r';
            _start = _scanned = lineEnd + 1;
            return true;
        }

        _scanned = _end;
        line = _buffer.AsSpan(_start, _end - _start);
        if (!_ended || line.IsEmpty)
        {
            return false;
        }

        _start = _end;
        return true;
    }

    /// <summary>Reads more of the body. False at its end, when every line was taken.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        int read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        _total += read;
        if (_total > MaxReply)
        {
            throw new LlmException(LlmFailure.Garbage, $"the reply is longer than {MaxReply} bytes");
        }

        _ended = read == 0;
        return read > 0 || _start < _end;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        (_buffer, _start, _scanned, _end) = ([], 0, 0, 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        int kept = _end - _start;
        if (kept > MaxLine)
        {
            throw new LlmException(LlmFailure.Garbage, $"the reply has a line above {MaxLine} bytes");
        }

        byte[] target = kept < _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        if (_start > 0 || target != _buffer)
        {
            _buffer.AsSpan(_start, kept).CopyTo(target);
            (_scanned, _start, _end) = (_scanned - _start, 0, kept);
        }

        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }
    }
}
