using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Messages;

/// <summary>
/// Reads the members of one JSON object by the grammar of RFC 8259, strictly, in one pass and without a document. Utf8JsonReader throws on bad
/// JSON, and an attacker could exploit the cost of exceptions; here bad JSON makes a method return false.
/// <para>Values are checked but not decoded. Whether strings are UTF-8 is checked by the framing.</para>
/// </summary>
internal ref struct JsonScanner
{
    /// <summary>Maximum nesting of objects and arrays, including the outermost; the default of Utf8JsonReader.</summary>
    public const int MaxDepth = 64;

    private static readonly SearchValues<byte> s_stringStops = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F"u8
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\"\\"u8);

    private readonly ReadOnlySpan<byte> _json;
    private int _position;
    private bool _first;

    public JsonScanner(ReadOnlySpan<byte> json)
    {
        _json = json;
        _position = 0;
        _first = true;
        SkipWhiteSpace();
        if (!TryTake((byte)'{'))
        {
            // Not an object: there is no member to read.
            _position = json.Length;
        }
    }

    /// <summary>True when the object is closed and only white space follows it. Valid after <see cref="TryReadMember"/> has returned false.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads the next member. False at the end of the object and on bad JSON; <see cref="IsComplete"/> distinguishes them.</summary>
    /// <param name="name">The name without its quotes, escapes included.</param>
    /// <param name="kind">The kind of the value.</param>
    /// <param name="value">The value; a string without its quotes.</param>
    public bool TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> value)
    {
        name = default;
        value = default;
        kind = JsonKind.None;
        SkipWhiteSpace();
        if (TryTake((byte)'}'))
        {
            SkipWhiteSpace();
            IsComplete = _position == _json.Length;
            return false;
        }

        if (!_first)
        {
            if (!TryTake((byte)','))
            {
                return false;
            }

            SkipWhiteSpace();
        }

        _first = false;
        if (!TryReadName(out name))
        {
            return false;
        }

        int start = _position;
        if (!TrySkipValue(depth: 1, out kind))
        {
            return false;
        }

        value = kind == JsonKind.String ? _json[(start + 1)..(_position - 1)] : _json[start.._position];
        return true;
    }

    // member = string ws ":" ws value (RFC 8259 section 4)
    private bool TryReadName(out ReadOnlySpan<byte> name)
    {
        int start = _position;
        if (!TrySkipString())
        {
            name = default;
            return false;
        }

        name = _json[(start + 1)..(_position - 1)];
        SkipWhiteSpace();
        if (!TryTake((byte)':'))
        {
            return false;
        }

        SkipWhiteSpace();
        return true;
    }

    // value = false / null / true / object / array / number / string (RFC 8259 section 3). MaxDepth bounds the recursion.
    private bool TrySkipValue(int depth, out JsonKind kind)
    {
        kind = JsonKind.None;
        if (_position == _json.Length)
        {
            return false;
        }

        (kind, bool valid) = _json[_position] switch
        {
            (byte)'"' => (JsonKind.String, TrySkipString()),
            (byte)'{' => (JsonKind.Object, TrySkipContainer(depth + 1, (byte)'}')),
            (byte)'[' => (JsonKind.Array, TrySkipContainer(depth + 1, (byte)']')),
            (byte)'t' => (JsonKind.True, TrySkipLiteral("true"u8)),
            (byte)'f' => (JsonKind.False, TrySkipLiteral("false"u8)),
            (byte)'n' => (JsonKind.Null, TrySkipLiteral("null"u8)),
            _ => (JsonKind.Number, TrySkipNumber()),
        };
        return valid;
    }

    /// <summary>Skips an object when <paramref name="close"/> is '}', or an array when it is ']'.</summary>
    private bool TrySkipContainer(int depth, byte close)
    {
        _position++;
        if (depth > MaxDepth)
        {
            return false;
        }

        SkipWhiteSpace();
        if (TryTake(close))
        {
            return true;
        }

        while (true)
        {
            if ((close == '}' && !TryReadName(out _)) || !TrySkipValue(depth, out _))
            {
                return false;
            }

            SkipWhiteSpace();
            if (TryTake(close))
            {
                return true;
            }

            if (!TryTake((byte)','))
            {
                return false;
            }

            SkipWhiteSpace();
        }
    }

    // string = %x22 *( unescaped / escape ) %x22 (RFC 8259 section 7); control characters below 0x20 must be escaped.
    private bool TrySkipString()
    {
        if (!TryTake((byte)'"'))
        {
            return false;
        }

        while (true)
        {
            int stop = FindStringStop();
            if (stop < 0)
            {
                return false;
            }

            _position += stop;
            byte value = _json[_position++];
            if (value == '"')
            {
                return true;
            }

            if (value != '\\' || !TrySkipEscape())
            {
                return false;
            }
        }
    }

    // Most names and keywords end within one vector. Without this test a listen takes 12 % longer, an MCP message 25 % (DeviceMessageBenchmarks).
    private readonly int FindStringStop()
    {
        if (Vector128.IsHardwareAccelerated && _json.Length - _position >= Vector128<byte>.Count)
        {
            var next = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(_json), (nuint)_position);
            Vector128<byte> stops = Vector128.LessThan(next, Vector128.Create((byte)0x20))
                | Vector128.Equals(next, Vector128.Create((byte)'"'))
                | Vector128.Equals(next, Vector128.Create((byte)'\\'));
            if (stops != Vector128<byte>.Zero)
            {
                return BitOperations.TrailingZeroCount(stops.ExtractMostSignificantBits());
            }
        }

        return _json[_position..].IndexOfAny(s_stringStops);
    }

    // escape = "\" ( %x22 / "\" / "/" / "b" / "f" / "n" / "r" / "t" / "u" 4HEXDIG )
    private bool TrySkipEscape()
    {
        if (_position == _json.Length)
        {
            return false;
        }

        switch (_json[_position++])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return true;
            case (byte)'u' when _json.Length - _position >= 4:
                for (int end = _position + 4; _position < end; _position++)
                {
                    if (!char.IsAsciiHexDigit((char)_json[_position]))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return false;
        }
    }

    private bool TrySkipLiteral(ReadOnlySpan<byte> literal)
    {
        bool found = _json[_position..].StartsWith(literal);
        _position += found ? literal.Length : 0;
        return found;
    }

    // number = [ "-" ] ( "0" / digit1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "-" / "+" ] 1*DIGIT ] (RFC 8259 section 6)
    private bool TrySkipNumber()
    {
        _ = TryTake((byte)'-');
        if (!TryTake((byte)'0') && !TrySkipDigits())
        {
            return false;
        }

        if (TryTake((byte)'.') && !TrySkipDigits())
        {
            return false;
        }

        if (TryTake((byte)'e') || TryTake((byte)'E'))
        {
            _ = TryTake((byte)'+') || TryTake((byte)'-');
            return TrySkipDigits();
        }

        return true;
    }

    private bool TrySkipDigits()
    {
        int start = _position;
        while (_position < _json.Length && char.IsAsciiDigit((char)_json[_position]))
        {
            _position++;
        }

        return _position > start;
    }

    private void SkipWhiteSpace()
    {
        while (_position < _json.Length && _json[_position] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            _position++;
        }
    }

    private bool TryTake(byte expected)
    {
        if (_position < _json.Length && _json[_position] == expected)
        {
            _position++;
            return true;
        }

        return false;
    }
}
