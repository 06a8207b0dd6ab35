using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastGate.Protocol.Handshake;

/// <content>request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 section 3), strict.</content>
public partial struct HandshakeParser
{
    // The longest registered method has 17 characters. More token characters than this are another protocol.
    private const int MaxMethodLength = 32;

    // Two bytes each: together they fit the smallest limit of a request line.
    private const int MaxEmptyLines = 4;

    // As an unaligned load reads them from memory.
    private static uint Get => Unsafe.ReadUnaligned<uint>(ref MemoryMarshal.GetReference("GET "u8));

    private static ulong SpaceHttp1 => Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(" HTTP/1."u8));

    private static ulong Http11CrLf => Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference("TP/1.1\r\n"u8));

    private OperationStatus ParseRequestLine(ReadOnlySpan<byte> data)
    {
        if (_phase == Phase.Method)
        {
            if (ByteBlock.IsSupported && data.Length >= ByteBlock.Length && TryParseWholeLine(data))
            {
                return OperationStatus.Done;
            }

            OperationStatus status = SkipEmptyLines(data);
            if (status != OperationStatus.Done)
            {
                return status;
            }

            status = ParseMethod(data[_methodStart..]);
            if (status != OperationStatus.Done)
            {
                return status;
            }
        }

        if (_phase == Phase.Target)
        {
            int position = _position;
            int length = data[position..].IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E);
            int end = length < 0 ? data.Length : position + length;
            _position = (ushort)end;
            _targetLength = (ushort)(end - _targetStart);
            if (length < 0)
            {
                return OperationStatus.NeedMoreData;
            }

            if (data[end] != ' ' || _targetLength == 0)
            {
                return Fail(data[end] is (byte)' ' or Cr or Lf ? HandshakeError.MalformedRequestLine : HandshakeError.MalformedTarget);
            }

            _position++;
            _phase = Phase.Version;
        }

        return ParseVersion(data[_position..]);
    }

    /// <summary>
    /// Parses <c>GET target HTTP/1.1 CRLF</c> with vectors when it is valid and whole in <paramref name="data"/>. Otherwise changes nothing;
    /// <see cref="ParseRequestLine"/> then finds the error or needs more data.
    /// </summary>
    private bool TryParseWholeLine(ReadOnlySpan<byte> data)
    {
        const int TargetStart = 4;
        const int VersionLength = 10;
        ref byte first = ref MemoryMarshal.GetReference(data);
        if (Unsafe.ReadUnaligned<uint>(ref first) != Get)
        {
            return false;
        }

        for (int block = TargetStart; block + ByteBlock.Length <= data.Length; block += ByteBlock.Length)
        {
            ref byte at = ref Unsafe.Add(ref first, block);
            ulong notTarget = ByteBlock.FindTargetEnd(ref at);
            if (notTarget == 0)
            {
                continue;
            }

            int end = block + BitOperations.TrailingZeroCount(notTarget);
            ref byte after = ref Unsafe.Add(ref first, end);
            if (end == TargetStart || end + 1 + VersionLength > data.Length
                || Unsafe.ReadUnaligned<ulong>(ref after) != SpaceHttp1
                || Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref after, 3)) != Http11CrLf)
            {
                return false;
            }

            _methodLength = TargetStart - 1;
            _targetStart = TargetStart;
            _targetLength = (ushort)(end - TargetStart);
            _minorVersion = 1;
            ushort lineEnd = (ushort)(end + 1 + VersionLength);
            _headersStart = lineEnd;
            _lineStart = lineEnd;
            _position = lineEnd;
            _phase = Phase.HeaderName;
            return true;
        }

        return false;
    }

    // RFC 9112 section 2.2: a server ignores at least one empty line before the request line.
    private OperationStatus SkipEmptyLines(ReadOnlySpan<byte> data)
    {
        while (_methodStart < data.Length && data[_methodStart] == Cr)
        {
            if (_methodStart == MaxEmptyLines * 2)
            {
                return Fail(HandshakeError.MalformedRequestLine);
            }

            if (_methodStart + 1 == data.Length)
            {
                return OperationStatus.NeedMoreData;
            }

            if (data[_methodStart + 1] != Lf)
            {
                return Fail(HandshakeError.BareCarriageReturn);
            }

            _methodStart += 2;
        }

        return OperationStatus.Done;
    }

    // method = 1*tchar (RFC 9110 section 9.1). After a cut it scans at most MaxMethodLength bytes again.
    private OperationStatus ParseMethod(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return OperationStatus.NeedMoreData;
        }

        // Refuse another protocol at once instead of after the handshake timeout.
        if (data.StartsWith("SSH-"u8))
        {
            return Fail(HandshakeError.UnknownProtocol);
        }

        int length = data[..Math.Min(data.Length, MaxMethodLength + 1)].IndexOfAnyExcept(HeaderNames.TokenCharacters);
        if (length < 0)
        {
            return data.Length > MaxMethodLength ? Fail(HandshakeError.UnknownProtocol) : OperationStatus.NeedMoreData;
        }

        if (length == 0)
        {
            return Fail(data[0] == 0x16 ? HandshakeError.TlsClientHello : HandshakeError.UnknownProtocol);
        }

        if (data[length] != ' ')
        {
            return Fail(HandshakeError.MalformedRequestLine);
        }

        ReadOnlySpan<byte> method = data[..length];
        if (method.SequenceEqual("PRI"u8))
        {
            return Fail(HandshakeError.Http2Preface);
        }

        if (method.SequenceEqual("PROXY"u8))
        {
            return Fail(HandshakeError.ProxyHeader);
        }

        _methodLength = (byte)length;
        _targetStart = (ushort)(_methodStart + length + 1);
        _position = _targetStart;
        _phase = Phase.Target;
        return OperationStatus.Done;
    }

    // HTTP-version CRLF = "HTTP/" DIGIT "." DIGIT CRLF (RFC 9112 section 2.3)
    private OperationStatus ParseVersion(ReadOnlySpan<byte> rest)
    {
        const int Major = 5;
        const int Minor = 7;
        const int LineFeed = 9;

        // '#' matches a digit.
        ReadOnlySpan<byte> pattern = "HTTP/#.#\r\n"u8;
        for (int i = 0; i < pattern.Length; i++)
        {
            if (i == rest.Length)
            {
                return OperationStatus.NeedMoreData;
            }

            bool matches = pattern[i] == '#' ? char.IsAsciiDigit((char)rest[i]) : rest[i] == pattern[i];
            if (!matches)
            {
                return Fail(rest[i] == Lf ? HandshakeError.BareLineFeed
                    : i == LineFeed ? HandshakeError.BareCarriageReturn : HandshakeError.MalformedVersion);
            }

            if (i == Major && rest[i] != '1')
            {
                return Fail(HandshakeError.UnsupportedHttpVersion);
            }
        }

        _minorVersion = (byte)(rest[Minor] - '0');
        _position += (ushort)pattern.Length;
        _headersStart = _position;
        _lineStart = _position;
        _phase = Phase.HeaderName;
        return OperationStatus.Done;
    }
}
