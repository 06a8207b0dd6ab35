using System.Text;
using FastGate.Protocol.Deflate;

namespace FastGate.Protocol.Handshake;

/// <summary>
/// Reads <c>Sec-WebSocket-Extensions</c> (RFC 6455 section 9.1) and finds the first offer of permessage-deflate that the gateway can accept (RFC 7692 sections 5
/// and 7.1). The gateway never keeps a window between messages, in either direction.
/// </summary>
/// <remarks>Budget: no allocation; enforced by <c>DeflateOfferTests</c>.</remarks>
public static class DeflateOffer
{
    [Flags]
    private enum Parameters
    {
        None = 0,
        ServerNoContextTakeover = 1,
        ClientNoContextTakeover = 2,
        ServerMaxWindowBits = 4,
        ClientMaxWindowBits = 8,
    }

    /// <summary>Looks at the offers of a request.</summary>
    /// <param name="request">A request whose parser has returned Done.</param>
    /// <param name="terms">What the first acceptable offer means.</param>
    /// <returns>False when the header does not conform to its grammar, so that the handshake must fail.</returns>
    public static bool TryRead(in HandshakeRequest request, out DeflateTerms terms)
    {
        terms = default;
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            if (Ascii.EqualsIgnoreCase(lines.Name, "sec-websocket-extensions"u8) && !TryRead(lines.Value, ref terms))
            {
                terms = default;
                return false;
            }
        }

        return true;
    }

    /// <summary>Looks at the offers of one line. An offer that was accepted before stays.</summary>
    /// <inheritdoc cref="TryRead(in HandshakeRequest, out DeflateTerms)"/>
    public static bool TryRead(ReadOnlySpan<byte> line, ref DeflateTerms terms)
    {
        // extension-list = 1#( token *( ";" token [ "=" ( token / quoted-string ) ] ) ); empty elements are allowed (RFC 9110 section 5.6.1).
        bool isAny = false;
        while (true)
        {
            SkipSpace(ref line);
            if (line.IsEmpty)
            {
                return isAny;
            }

            if (line[0] == ',')
            {
                line = line[1..];
                continue;
            }

            isAny = true;
            if (!TryReadExtension(ref line, out DeflateTerms offered))
            {
                return false;
            }

            terms = terms.IsAccepted ? terms : offered;
        }
    }

    /// <summary>Reads one extension with its parameters, up to the comma or the end.</summary>
    /// <param name="line">What is left of the line.</param>
    /// <param name="offered">The terms of an offer that can be accepted; none for any other extension.</param>
    /// <returns>False when it does not conform to the grammar.</returns>
    private static bool TryReadExtension(ref ReadOnlySpan<byte> line, out DeflateTerms offered)
    {
        ReadOnlySpan<byte> name = TakeToken(ref line);
        bool isAcceptable = name.SequenceEqual("permessage-deflate"u8);
        offered = new DeflateTerms(Deflater.MaxWindowBits, IsWindowNamed: false, ClientWindowBits: 0);
        Parameters seen = Parameters.None;
        while (!name.IsEmpty)
        {
            SkipSpace(ref line);
            if (line.IsEmpty || line[0] == ',')
            {
                offered = isAcceptable ? offered : default;
                return true;
            }

            if (line[0] != ';')
            {
                break;
            }

            line = line[1..];
            SkipSpace(ref line);
            name = TakeToken(ref line);
            if (!TryReadValue(ref line, out bool hasValue, out ReadOnlySpan<byte> value))
            {
                break;
            }

            // An unknown or repeated parameter, or one with a bad value, makes the offer unacceptable (RFC 7692 section 7.1).
            Parameters parameter = ParameterOf(name);
            isAcceptable &= parameter != Parameters.None && (seen & parameter) == 0 && IsAllowed(parameter, hasValue, value);
            seen |= parameter;
            offered = parameter switch
            {
                Parameters.ServerMaxWindowBits => offered with { WindowBits = WindowBitsOf(value), IsWindowNamed = true },
                Parameters.ClientMaxWindowBits => offered with { ClientWindowBits = WindowBitsOf(value) },
                _ => offered,
            };
        }

        offered = default;
        return false;
    }

    /// <summary>Reads <c>[ "=" ( token / quoted-string ) ]</c>. A quoted value keeps its backslashes; without them it must be a token.</summary>
    private static bool TryReadValue(ref ReadOnlySpan<byte> line, out bool hasValue, out ReadOnlySpan<byte> value)
    {
        value = default;
        SkipSpace(ref line);
        hasValue = !line.IsEmpty && line[0] == '=';
        if (!hasValue)
        {
            return true;
        }

        line = line[1..];
        SkipSpace(ref line);
        if (line.IsEmpty || line[0] != '"')
        {
            value = TakeToken(ref line);
            return !value.IsEmpty;
        }

        int end = 1;
        while (end < line.Length && line[end] != '"')
        {
            end += line[end] == '\\' ? 1 : 0;
            if (end == line.Length || !HeaderNames.TokenCharacters.Contains(line[end]))
            {
                return false;
            }

            end++;
        }

        if (end >= line.Length)
        {
            return false;
        }

        value = line[1..end];
        line = line[(end + 1)..];
        return !value.IsEmpty;
    }

    private static Parameters ParameterOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("server_no_context_takeover"u8) ? Parameters.ServerNoContextTakeover
        : name.SequenceEqual("client_no_context_takeover"u8) ? Parameters.ClientNoContextTakeover
        : name.SequenceEqual("server_max_window_bits"u8) ? Parameters.ServerMaxWindowBits
        : name.SequenceEqual("client_max_window_bits"u8) ? Parameters.ClientMaxWindowBits
        : Parameters.None;

    private static bool IsAllowed(Parameters parameter, bool hasValue, ReadOnlySpan<byte> value) => parameter switch
    {
        Parameters.ServerMaxWindowBits => hasValue && WindowBitsOf(value) != 0,
        Parameters.ClientMaxWindowBits => !hasValue || WindowBitsOf(value) != 0,
        _ => !hasValue,
    };

    /// <summary>A decimal from 8 to 15 without leading zeros; 0 for anything else.</summary>
    private static int WindowBitsOf(ReadOnlySpan<byte> value)
    {
        int bits = 0;
        foreach (byte character in value)
        {
            // Only a quoted value has backslashes, before the character that they escape.
            if (character == '\\')
            {
                continue;
            }

            if (character is < (byte)'0' or > (byte)'9' || (bits == 0 && character == '0') || bits > Deflater.MaxWindowBits)
            {
                return 0;
            }

            bits = (bits * 10) + character - '0';
        }

        return bits is >= Deflater.MinWindowBits and <= Deflater.MaxWindowBits ? bits : 0;
    }

    private static ReadOnlySpan<byte> TakeToken(ref ReadOnlySpan<byte> line)
    {
        int end = line.IndexOfAnyExcept(HeaderNames.TokenCharacters);
        ReadOnlySpan<byte> token = end < 0 ? line : line[..end];
        line = line[token.Length..];
        return token;
    }

    private static void SkipSpace(ref ReadOnlySpan<byte> line) => line = line.TrimStart(" \t"u8);
}
