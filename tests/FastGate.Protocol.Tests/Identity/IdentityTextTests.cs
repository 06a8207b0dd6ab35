using FastGate.Protocol.Identity;

namespace FastGate.Protocol.Tests.Identity;

/// <summary>The normal form of ids: trimmed, unquoted, ASCII letters in lower case.</summary>
public class IdentityTextTests
{
    [Theory]
    [InlineData(" \"AA:bB\" ", "aa:bb")]
    [InlineData("ÉA", "Éa")]
    [InlineData("\u212A", "\u212A")]
    [InlineData("", null)]
    [InlineData("''", null)]
    [InlineData("a\u0001", null)]
    public void Normalize_gives_the_form_of_a_device_id(string written, string? form) =>
        Assert.Equal(form, DeviceIdentity.Normalize(written));

    [Fact]
    public void To_lower_changes_ascii_letters_beside_any_other_bytes()
    {
        var random = new Random(1);
        byte[] written = new byte[80];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] id = Random(random, random.Next(80));
            Assert.Equal(id.Select(Lower), IdentityText.ToLower(id, written).ToArray());
        }
    }

    [Fact]
    public void Equality_ignores_only_the_case_of_ascii_letters()
    {
        var random = new Random(2);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] id = Random(random, 1 + random.Next(79));
            byte[] other = id.Select(c => random.Next(2) == 0 ? c : char.IsAsciiLetter((char)c) ? (byte)(c ^ 0x20) : c).ToArray();
            Assert.True(IdentityText.EqualsIgnoringCase(id, other));

            // No other byte has a case: Unicode case rules must not make two ids equal.
            int at = random.Next(id.Length);
            other[at] ^= (byte)(1 << random.Next(8));
            Assert.Equal(Lower(id[at]) == Lower(other[at]), IdentityText.EqualsIgnoringCase(id, other));
        }
    }

    // Half of the ids are pure ASCII.
    private static byte[] Random(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return random.Next(2) == 0 ? bytes : [.. bytes.Select(static c => (byte)(c & 0x7F))];
    }

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
