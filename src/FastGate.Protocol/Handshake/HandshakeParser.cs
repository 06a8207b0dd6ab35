using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace FastGate.Protocol.Handshake;

/// <summary>
/// Reads one HTTP/1.x request head in a single forward pass and remembers where its known fields stand.
/// </summary>
/// <remarks>
/// <para>
/// A mutable struct: keep it in one place and never copy it between calls. It holds offsets only, so it may live across
/// reads while the bytes move. It continues where the last call stopped; each byte is examined a bounded number of times, however the request is cut.
/// </para>
/// <para>
/// The verdict depends on the bytes alone, never on how they were cut: a bad request fails at the first byte that makes it bad.
/// Budget: no allocation, whatever the input (AllocationTests).
/// </para>
/// </remarks>
public partial struct HandshakeParser
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    // Bytes that end a header value: every control character but the tab. All but CR are refused (RFC 9110 section 5.5).
    private static readonly SearchValues<byte> s_valueEnds = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000A\u000B\u000C\u000D\u000E\u000F"u8
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F"u8);

    private readonly HandshakeLimits _limits;
    private HeaderSlots _slots;
    private uint _repeated;
    private ushort _position;
    private ushort _targetStart;
    private ushort _targetLength;
    private ushort _headersStart;
    private ushort _lineStart;
    private ushort _nameEnd;
    private ushort _headerCount;
    private byte _methodLength;
    private byte _minorVersion;
    private KnownHeader _known;
    private Phase _phase;
    private HandshakeError _error;

    /// <summary>A parser for one request.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limits are outside their ranges.</exception>
    public HandshakeParser(HandshakeLimits limits)
    {
        limits.Validate();
        _limits = limits;
    }

    // In the order in which a request passes through them.
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

    /// <summary>Why <see cref="Parse"/> said <see cref="OperationStatus.InvalidData"/>; else <see cref="HandshakeError.None"/>.</summary>
    public readonly HandshakeError Error => _error;

    /// <summary>Continues parsing the request.</summary>
    /// <param name="received">All bytes from the request's first on: those of the last call, and more.</param>
    /// <param name="consumed">With <see cref="OperationStatus.Done"/>, the length of the request including its blank line: what follows are frames. Else 0.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>, <see cref="OperationStatus.NeedMoreData"/>, or <see cref="OperationStatus.InvalidData"/> with
    /// <see cref="Error"/>. Once done or invalid, it stays so.
    /// </returns>
    public OperationStatus Parse(ReadOnlySpan<byte> received, out int consumed)
    {
        consumed = 0;
        if (_phase < Phase.HeaderName)
        {
            int bound = _limits.RequestLine + 2;
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
    /// The request's fields as slices of <paramref name="received"/>. Before <see cref="OperationStatus.Done"/> it shows what is known so
    /// far, for diagnostics only.
    /// </summary>
    /// <param name="received">The bytes given to the last <see cref="Parse"/>, at least as many.</param>
    [UnscopedRef]
    public readonly HandshakeRequest GetRequest(ReadOnlySpan<byte> received) => new(in this, received);

    internal readonly int MethodLength => _methodLength;

    internal readonly int TargetStart => _targetStart;

    internal readonly int TargetLength => _targetLength;

    internal readonly int MinorVersion => _minorVersion;

    internal readonly bool HasVersion => _headersStart != 0;

    internal readonly int HeadersStart => _headersStart;

    /// <summary>End of the last whole header line.</summary>
    internal readonly int HeadersEnd => _lineStart;

    internal readonly int HeaderCount => _headerCount;

    internal readonly uint Slot(KnownHeader header) => _slots[(int)header];

    internal readonly bool IsRepeated(KnownHeader header) => (_repeated & (1u << (int)header)) != 0;

    private OperationStatus Fail(HandshakeError error)
    {
        _phase = Phase.Failed;
        _error = error;
        return OperationStatus.InvalidData;
    }
}
