using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace FastGate.Protocol.Handshake;

/// <summary>
/// Parses one HTTP/1.x request head in a single forward pass and keeps the offsets of its known fields.
/// </summary>
/// <remarks>
/// <para>
/// A mutable struct: keep it in one place and never copy it between calls. It holds only offsets, so the bytes may move between calls. Each call
/// continues where the last one stopped; each byte is examined a bounded number of times, even when the request arrives byte by byte.
/// </para>
/// <para>
/// The result depends only on the bytes, never on how they were split: an invalid request fails at its first invalid byte.
/// Budget: no allocation for any input; enforced by <c>HandshakeAllocationTests</c>.
/// </para>
/// </remarks>
public partial struct HandshakeParser
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    // Bytes that end a header value: every control character except the tab. All except CR are refused (RFC 9110 section 5.5).
    private static readonly SearchValues<byte> s_valueEnds = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000A\u000B\u000C\u000D\u000E\u000F"u8
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F"u8);

    // HandshakeRequest reads these. The headers are those from _headersStart to the end of the last whole line, _lineStart.
    internal ushort _targetStart;
    internal ushort _targetLength;
    internal ushort _headersStart;
    internal ushort _lineStart;
    internal byte _methodStart;
    internal byte _methodLength;
    internal byte _minorVersion;

    private readonly HandshakeLimits _limits;
    private HeaderSlots _slots;
    private uint _repeated;
    private ushort _position;
    private ushort _nameEnd;
    private ushort _headerCount;
    private KnownHeader _known;
    private Phase _phase;
    private HandshakeError _error;

    /// <summary>Creates a parser for one request.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limits are outside their ranges.</exception>
    public HandshakeParser(HandshakeLimits limits)
    {
        limits.Validate();
        _limits = limits;
    }

    // In the order of a request.
    private enum Phase : byte
    {
        Method,
        Target,
        Version,
        HeaderName,
        HeaderValue,
        Done,
        Failed,
    }

    /// <summary>The error after <see cref="Parse"/> has returned InvalidData; otherwise <see cref="HandshakeError.None"/>.</summary>
    public readonly HandshakeError Error => _error;

    /// <summary>Continues parsing the request.</summary>
    /// <param name="received">All bytes received since the start of the request, including those of earlier calls.</param>
    /// <param name="consumed">When Done, the length of the request in bytes, including the blank line; frames follow it. Otherwise 0.</param>
    /// <returns>
    /// Done, NeedMoreData, or InvalidData with <see cref="Error"/> set. After Done or InvalidData, further calls return the same.
    /// </returns>
    public OperationStatus Parse(ReadOnlySpan<byte> received, out int consumed)
    {
        consumed = 0;
        if (_phase < Phase.HeaderName)
        {
            int bound = _limits.RequestLine + 2; // CRLF
            OperationStatus status = ParseRequestLine(received.Length <= bound ? received : received[..bound]);
            if (status != OperationStatus.Done)
            {
                return status == OperationStatus.NeedMoreData && received.Length > bound
                    ? Fail(HandshakeError.RequestLineTooLong)
                    : status;
            }
        }

        if (_phase < Phase.Done)
        {
            int bound = _headersStart + _limits.Headers;
            OperationStatus status = ParseHeaders(received.Length <= bound ? received : received[..bound]);
            if (status != OperationStatus.Done)
            {
                return status == OperationStatus.NeedMoreData && received.Length > bound
                    ? Fail(HandshakeError.HeadersTooLarge)
                    : status;
            }
        }

        if (_phase == Phase.Failed)
        {
            return OperationStatus.InvalidData;
        }

        consumed = _position;
        return OperationStatus.Done;
    }

    /// <summary>
    /// The fields of the request as slices of <paramref name="received"/>. Before Done it has the fields parsed so far, for diagnostics only.
    /// </summary>
    /// <param name="received">The bytes given to the last call of <see cref="Parse"/>, or more.</param>
    [UnscopedRef]
    public readonly HandshakeRequest GetRequest(ReadOnlySpan<byte> received) => new(in this, received);

    internal readonly uint Slot(KnownHeader header) => _slots[(int)header];

    internal readonly bool IsRepeated(KnownHeader header) => (_repeated & (1u << (int)header)) != 0;

    private OperationStatus Fail(HandshakeError error)
    {
        _phase = Phase.Failed;
        _error = error;
        return OperationStatus.InvalidData;
    }
}
