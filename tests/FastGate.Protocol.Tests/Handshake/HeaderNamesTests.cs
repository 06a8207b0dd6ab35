using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

public class HeaderNamesTests
{
    private static IEnumerable<KnownHeader> All => Enumerable.Range(0, HeaderSlots.Count).Select(i => (KnownHeader)i);

    [Fact]
    public void Every_known_header_is_found_in_any_case_both_ways()
    {
        foreach (KnownHeader header in All)
        {
            string name = HeaderNames.Spelling(header);
            foreach (string? spelling in new[] { name, name.ToUpperInvariant(), string.Concat(name.Select((c, i) => i % 2 == 0 ? char.ToUpperInvariant(c) : c)) })
            {
                Assert.Equal(header, Match(spelling));
                Assert.Equal(header, MatchLine(spelling));
            }
        }
    }

    [Theory]
    [InlineData("Accept-Encoding")]
    [InlineData("Accept-Language")]
    [InlineData("Cache-Control")]
    [InlineData("Cookie")]
    [InlineData("Pragma")]
    [InlineData("X-Forwarded-Proto")]
    public void A_common_unused_name_is_found_in_both_directions_by_its_exact_spelling(string name)
    {
        Assert.Equal(KnownHeader.Ignored, Match(name));
        Assert.Equal(KnownHeader.Ignored, MatchLine(name));
        foreach (string? other in new[] { name[1..], name + "x", "*" + name, name.Replace('-', '\r').Replace('o', '{') })
        {
            Assert.Equal(other == name ? KnownHeader.Ignored : KnownHeader.Unknown, Match(other));
            Assert.Equal(Match(other), MatchLine(other));
        }
    }

    [Fact]
    public void A_name_that_differs_in_any_bit_is_another_both_ways()
    {
        // All single-bit changes but those of a letter's case: a hyphen must not equal CR, nor an underscore DEL.
        foreach (KnownHeader header in All)
        {
            byte[] name = Requests.Bytes(HeaderNames.Spelling(header));
            for (int i = 0; i < name.Length; i++)
            {
                for (int bit = 0; bit < 8; bit++)
                {
                    byte[] other = (byte[])name.Clone();
                    other[i] ^= (byte)(1 << bit);
                    if (bit == 5 && char.IsAsciiLetter((char)name[i]))
                    {
                        continue;
                    }

                    string text = Requests.Text(other);
                    // The two spellings of an id header are one bit or more apart, each known by itself.
                    Assert.NotEqual(header, Match(text));
                    Assert.NotEqual(header, MatchLine(text));
                }
            }
        }
    }

    [Fact]
    public void Longer_and_shorter_names_are_others_both_ways()
    {
        foreach (KnownHeader header in All)
        {
            string name = HeaderNames.Spelling(header);
            foreach (string? other in new[] { name[..^1], name[1..], name + "x", "x" + name, name + name, "" })
            {
                Assert.Equal(Match(other), other.Length is 0 ? KnownHeader.Unknown : MatchLine(other));
                Assert.NotEqual(header, Match(other));
            }
        }
    }

    [Fact]
    public void Names_of_any_length_are_compared_alike()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            string name = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => "abcdehiostvx-_"[random.Next(14)]));
            Assert.Equal(Match(name), MatchLine(name));
        }
    }

    private static KnownHeader Match(string name) => HeaderNames.Match(Requests.Bytes(name));

    private static KnownHeader MatchLine(string name)
    {
        byte[] bytes = Requests.Bytes("GET /some/longer/path HTTP/1.1\r\n" + name + ": v\r\n");
        return HeaderNames.MatchLine(ref bytes["GET /some/longer/path HTTP/1.1\r\n".Length + name.Length], name.Length);
    }
}
