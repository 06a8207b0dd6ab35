using FastGate.Protocol.Identity;

namespace FastGate.Protocol.Tests.Identity;

/// <summary>Case in ids is that of ASCII letters, byte by byte, wherever other bytes stand among them.</summary>
public class IdentityTextTests
{
    [Fact]
    public void Letters_are_lowered_byte_by_byte_before_and_behind_bytes_that_are_not_ascii()
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
    public void Ids_are_equal_when_they_differ_in_the_case_of_ascii_letters_alone()
    {
        var random = new Random(2);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] id = Random(random, 1 + random.Next(79));
            byte[] other = id.Select(c => random.Next(2) == 0 ? c : char.IsAsciiLetter((char)c) ? (byte)(c ^ 0x20) : c).ToArray();
            Assert.True(IdentityText.EqualsIgnoringCase(id, other));

            // Not so for any other byte: no wider rule may make two ids one.
            int at = random.Next(id.Length);
            other[at] ^= (byte)(1 << random.Next(8));
            Assert.Equal(Lower(id[at]) == Lower(other[at]), IdentityText.EqualsIgnoringCase(id, other));
        }
    }

    // Half of them ASCII throughout.
    private static byte[] Random(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return random.Next(2) == 0 ? bytes : [.. bytes.Select(static c => (byte)(c & 0x7F))];
    }

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
