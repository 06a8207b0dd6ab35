using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

public class HeaderNamesTests
{
    private static IEnumerable<KnownHeader> All => Enumerable.Range(0, HeaderSlots.Count).Select(i => (KnownHeader)i);

    [Fact]
    public void Both_matchers_find_every_known_header_in_any_case()
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
    [InlineData("Cache-Control")]
    [InlineData("Cookie")]
    [InlineData("Pragma")]
    [InlineData("X-Forwarded-Proto")]
    public void Both_matchers_find_common_unused_headers(string name)
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
    public void Both_matchers_refuse_a_name_with_one_flipped_bit()
    {
        // All single-bit changes except those of case: a hyphen must not match CR, nor an underscore DEL.
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
                    // The result may be another known header: spellings of an id header can differ in one bit.
                    Assert.NotEqual(header, Match(text));
                    Assert.NotEqual(header, MatchLine(text));
                }
            }
        }
    }

    [Fact]
    public void Both_matchers_refuse_longer_and_shorter_names()
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
    public void Both_matchers_agree_on_random_names()
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
