using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>Random bytes, and valid requests with random damage: the result never depends on the cuts, and nothing throws.</summary>
[Properties(MaxTest = 1_000)]
public class HandshakePropertyTests
{
    private static readonly HandshakeLimits s_limits = new(200, 400, 12);

    // Bytes with a meaning for the parser are more frequent than others.
    private static readonly Gen<byte> s_byte = Gen.Frequency(
        (6, Gen.Elements("\r\n: \t,%&=?-_GHTP/1.\0\u007f\u0080"u8.ToArray())),
        (2, Gen.Choose(0x20, 0x7E).Select(i => (byte)i)),
        (1, Gen.Choose(0, 255).Select(i => (byte)i)));

    private static readonly Gen<byte[]> s_damaged =
        from text in Gen.Elements(Requests.Good.Concat(RefusalTable.Accepted.Select(a => a.Request)).ToArray())
        from edits in Gen.ListOf(
            from at in Gen.Choose(0, text.Length - 1)
            from kind in Gen.Choose(0, 2)
            from value in s_byte
            select (at, kind, value))
        select Damage(Requests.Bytes(text), edits);

    [Property(Arbitrary = [typeof(RandomBytes)])]
    public void Random_bytes_give_the_same_result_for_any_cuts(byte[] bytes) => AssertSameForAnyCuts(bytes);

    [Property(Arbitrary = [typeof(DamagedRequests)])]
    public void Damaged_requests_give_the_same_result_for_any_cuts(byte[] bytes) => AssertSameForAnyCuts(bytes);

    [Property(Arbitrary = [typeof(RandomBytes)])]
    public void Any_query_and_headers_give_a_valid_id(byte[] query, byte[] header)
    {
        // Only bytes that the parser accepts in a target and in a header value.
        string q = Requests.Text(query.Where(b => b is > 0x20 and < 0x7F and not (byte)'#').ToArray());
        string h = Requests.Text(header.Where(b => b is >= 0x20 and not 0x7F).ToArray());
        var identity = Identities.Of("device-id=" + q + "&device_id=" + q, "Device-Id: " + h, "Client-Id: " + q);
        foreach (string? id in new[] { identity.Device, identity.Client })
        {
            Assert.InRange(id.Length, 1, DeviceIdentity.MaxIdLength);
            Assert.DoesNotContain(id, c => c is < ' ' or '\u007f' or (>= 'A' and <= 'Z'));
        }
    }

    // An accepted request is checked in a simple way: the head ends at the first blank line, and its lines are those that Split gives.
    private static void AssertSameForAnyCuts(byte[] bytes)
    {
        var whole = ParseResult.Of(bytes, s_limits);
        Assert.Equal(whole, ParseResult.Of(SplitBytes.Pieces(bytes, "byte by byte", static _ => 1), s_limits));
        Assert.Equal(whole, ParseResult.Of(SplitBytes.Pieces(bytes, "unequal", static i => 1 + (i * 31 % 17)), s_limits));
        if (whole.Status == OperationStatus.Done)
        {
            string text = Requests.Text(bytes);
            int start = 0;
            while (text.AsSpan(start).StartsWith("\r\n"))
            {
                start += 2;
            }

            Assert.Equal(text.IndexOf("\r\n\r\n", start, StringComparison.Ordinal) + 4, whole.Consumed);
            string[] lines = text[start..(whole.Consumed - 4)].Split("\r\n");
            Assert.EndsWith(string.Concat(lines.Skip(1).Select(l => l[..l.IndexOf(':', StringComparison.Ordinal)] + "|")) + (lines.Length - 1), whole.Fields, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', string.Concat(lines));
        }
    }

    private static byte[] Damage(byte[] bytes, IEnumerable<(int At, int Kind, byte Value)> edits)
    {
        List<byte> list = bytes.ToList();
        foreach ((int at, int kind, byte value) in edits.Take(4))
        {
            int index = Math.Min(at, list.Count - 1);
            switch (kind)
            {
                case 0:
                    list[index] = value;
                    break;
                case 1:
                    list.Insert(index, value);
                    break;
                default:
                    list.RemoveAt(index);
                    break;
            }
        }

        return [.. list];
    }

    private static class RandomBytes
    {
        public static Arbitrary<byte[]> Bytes() => s_byte.ArrayOf().ToArbitrary();
    }

    private static class DamagedRequests
    {
        public static Arbitrary<byte[]> Bytes() => s_damaged.ToArbitrary();
    }
}
