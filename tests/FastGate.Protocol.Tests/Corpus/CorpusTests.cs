using System.Text;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Tests.Framing;

namespace FastGate.Protocol.Tests.Corpus;

/// <summary>
/// Input that has crashed or misled other servers, with the expected result. Input that crashes this library is added with the fix and never
/// removed.
/// </summary>
public class CorpusTests
{
    private static readonly MessageLimits s_limits = new(64 * 1024, 256 * 1024, 64);

    public static TheoryData<string, string, string> Frames() => new()
    {
        // A negative length that passes a signed check, before authentication, in nats-server (CVE-2026-27889) and gorilla (CVE-2020-27813).
        { "length with its highest bit set", "82FF8000000000000000 01020304", "LengthOverflow 1002" },
        { "length of all ones", "82FFFFFFFFFFFFFFFFFF 01020304", "LengthOverflow 1002" },
        { "largest length", "82FF7FFFFFFFFFFFFFFF 01020304", "FrameTooBig 1009" },
        { "length that is 0 when cut to 32 bits", "82FF0000000100000000 01020304", "FrameTooBig 1009" },
        { "length that is 5 when cut to 32 bits", "82FF0000000100000005 01020304 0000000000", "FrameTooBig 1009" },

        // An endless loop on frames without payload (Tomcat, CVE-2020-13935).
        { "empty frames only", "8180 00000000 8280 00000000 8980 00000000", "Text \nBinary \nPing " },

        // Fragment sizes whose sum overflows a signed integer.
        { "fragments whose sum overflows", "0281 00000000 00 80FF000000007FFFFFFF 00000000", "FrameTooBig 1009" },

        // Empty continuations, which a limit in bytes does not count (websockets/ws#2329).
        { "empty continuations", "0180 00000000" + Repeat("0080 00000000", 64), "TooManyFragments 1008" },
        { "empty continuations, one fewer", "0180 00000000" + Repeat("0080 00000000", 62) + "8080 00000000", "Text " },

        // A close reason from uninitialised memory (ws 8.20.1); a payload of one byte is the smallest case.
        { "close with half a status", "8881 00000000 03", "Close 03" },
        { "close of 125 bytes", "88FD 00000000 03E8" + Repeat("61", 123), "Close 03E8" + Repeat("61", 123) },

        // Callbacks after a reset (Envoy, CVE-2026-26311): nothing is delivered after the end.
        { "data after close", "8880 00000000 8181 00000000 61 FFFF", "Close " },
        { "data after a violation", "C180 00000000 8181 00000000 61", "ReservedBits 1002" },

        // Surrogates and overlong forms, which UTF-8 checks often miss.
        { "CESU-8 surrogate pair", "8186 00000000 EDA0BDEDB982", "InvalidUtf8 1007" },
        { "overlong slash", "8182 00000000 C0AF", "InvalidUtf8 1007" },
        { "beyond U+10FFFF", "8184 00000000 F4908080", "InvalidUtf8 1007" },
        { "last code point", "8184 00000000 F48FBFBF", "Text \U0010FFFF" },

        // Other protocols after the handshake.
        { "HTTP request", Convert.ToHexString("GET / HTTP/1.1\r\n\r\n"u8), "ReservedBits 1002" },
        { "TLS hello", "160301020001000000", "ReservedBits 1002" },
        { "SSH", Convert.ToHexString("SSH-2.0-OpenSSH"u8), "ReservedBits 1002" },
        { "zeros", "00000000000000000000", "NotMasked 1002" },
        { "ones", "FFFFFFFFFFFFFFFFFFFF", "ReservedBits 1002" },

        // permessage-deflate is not negotiated, so RSV1 is a reserved bit.
        { "compressed frame", "C187 00000000 F248CDC9C90700", "ReservedBits 1002" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Known_attacks_give_the_expected_result_for_every_cut(string name, string hex, string expected)
    {
        byte[] wire = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal($"{name}:\n{expected}\nbetween messages", $"{name}:\n{Transcript.ReadEveryCut(wire, s_limits)}");
    }

    private static string Repeat(string hex, int count) => new StringBuilder().Insert(0, hex, count).ToString();
}
