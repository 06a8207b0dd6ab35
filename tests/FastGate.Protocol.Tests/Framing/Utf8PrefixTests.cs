using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class Utf8PrefixTests
{
    /// <summary>Bytes on both sides of every boundary in RFC 3629 section 4.</summary>
    private static readonly byte[] s_borders =
    [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFE, 0xFF,
    ];

    [Fact]
    public void Is_valid_equals_the_reference_for_all_sequences_of_boundary_bytes()
    {
        byte[] bytes = new byte[4];
        AssertEqualsScalar([]);
        foreach (byte a in s_borders)
        {
            bytes[0] = a;
            AssertEqualsScalar(bytes.AsSpan(0, 1));
            foreach (byte b in s_borders)
            {
                bytes[1] = b;
                AssertEqualsScalar(bytes.AsSpan(0, 2));
                foreach (byte c in s_borders)
                {
                    bytes[2] = c;
                    AssertEqualsScalar(bytes.AsSpan(0, 3));
                    foreach (byte d in s_borders)
                    {
                        bytes[3] = d;
                        AssertEqualsScalar(bytes);
                    }
                }
            }
        }
    }

    [Fact]
    public void Is_valid_equals_the_reference_for_long_text_with_one_invalid_byte()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aé汉🙂, 你好 world — ", 8)));
        for (int at = 0; at < text.Length; at++)
        {
            AssertEqualsScalar(text.AsSpan(0, at));
            byte kept = text[at];
            foreach (byte wrong in s_borders)
            {
                text[at] = wrong;
                AssertEqualsScalar(text);
                AssertEqualsScalar(text.AsSpan(0, at + 1));
            }

            text[at] = kept;
        }
    }

    [Fact]
    public void Is_valid_accepts_every_code_point_whole_and_cut_at_each_byte()
    {
        Span<byte> bytes = stackalloc byte[4];
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.TryCreate(value, out Rune rune))
            {
                continue;
            }

            int length = rune.EncodeToUtf8(bytes);
            for (int cut = 1; cut <= length; cut++)
            {
                if (!Utf8Prefix.IsValid(bytes[..cut], out int complete) || complete != (cut == length ? length : 0))
                {
                    Assert.Fail($"U+{value:X4} cut at {cut}");
                }
            }
        }
    }

    private static void AssertEqualsScalar(ReadOnlySpan<byte> bytes)
    {
        bool expected = Utf8Prefix.IsValidScalar(bytes, out int expectedComplete);
        bool actual = Utf8Prefix.IsValid(bytes, out int complete);
        if (expected != actual || (expected && expectedComplete != complete))
        {
            Assert.Fail($"{Convert.ToHexString(bytes)}: {expected} {expectedComplete}, but {actual} {complete}");
        }
    }
}
