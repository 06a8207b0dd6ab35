using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Messages;

/// <summary>
/// Walks over one JSON object by the grammar of RFC 8259, strictly, in one pass and without a document. The library's own
/// reader throws on bad JSON, and an exception costs a thousand times its message, which an attacker could use. Here bad
/// JSON is the value false.
/// <para>Values are checked to their ends but not decoded; whether strings are UTF-8 is the framing's business.</para>
/// </summary>
internal ref struct JsonScanner
{
    /// <summary>Objects and arrays inside one another, the outermost included; the library's reader has the same default.</summary>
    public const int MaxDepth = 64;

    private static readonly SearchValues<byte> s_stringStops = SearchValues.Create(StringStops());

    private readonly ReadOnlySpan<byte> _json;
    private int _position;
    private bool _first;

    public JsonScanner(ReadOnlySpan<byte> json)
    {
        _json = json;
        _position = 0;
        _first = true;
    }

    /// <summary>Whether the object was closed and nothing but white space follows it. Meaningful after the last member.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Goes to the first member of the outermost object.</summary>
    public bool TryOpenObject()
    {
        SkipWhiteSpace();
        return TryTake((byte)'{');
    }

    /// <summary>Reads the next member. False at the end of the object and when the JSON is bad: see <see cref="IsComplete"/>.</summary>
    /// <param name="name">The name between its quotes, with escapes.</param>
    /// <param name="kind">What the value is.</param>
    /// <param name="value">The value; of a string the bytes between its quotes.</param>
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

    // Recursion is bounded by MaxDepth: 64 small frames are the worst that input can make of the stack.
    private bool TrySkipValue(int depth, out JsonKind kind)
    {
        kind = JsonKind.None;
        if (_position == _json.Length)
        {
            return false;
        }

        switch (_json[_position])
        {
            case (byte)'"':
                kind = JsonKind.String;
                return TrySkipString();
            case (byte)'{':
                kind = JsonKind.Object;
                return TrySkipObject(depth + 1);
            case (byte)'[':
                kind = JsonKind.Array;
                return TrySkipArray(depth + 1);
            case (byte)'t':
                kind = JsonKind.True;
                return TrySkipLiteral("true"u8);
            case (byte)'f':
                kind = JsonKind.False;
                return TrySkipLiteral("false"u8);
            case (byte)'n':
                kind = JsonKind.Null;
                return TrySkipLiteral("null"u8);
            default:
                kind = JsonKind.Number;
                return TrySkipNumber();
        }
    }

    private bool TrySkipObject(int depth)
    {
        _position++;
        if (depth > MaxDepth)
        {
            return false;
        }

        SkipWhiteSpace();
        if (TryTake((byte)'}'))
        {
            return true;
        }

        while (true)
        {
            if (!TryReadName(out _) || !TrySkipValue(depth, out _))
            {
                return false;
            }

            SkipWhiteSpace();
            if (TryTake((byte)'}'))
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

    private bool TrySkipArray(int depth)
    {
        _position++;
        if (depth > MaxDepth)
        {
            return false;
        }

        SkipWhiteSpace();
        if (TryTake((byte)']'))
        {
            return true;
        }

        while (true)
        {
            if (!TrySkipValue(depth, out _))
            {
                return false;
            }

            SkipWhiteSpace();
            if (TryTake((byte)']'))
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

    // Nearly every name and keyword ends within a vector: the call of a search would cost more than the search.
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

    private static byte[] StringStops()
    {
        byte[] stops = new byte[0x22];
        for (int i = 0; i < 0x20; i++)
        {
            stops[i] = (byte)i;
        }

        stops[0x20] = (byte)'"';
        stops[0x21] = (byte)'\\';
        return stops;
    }
}
