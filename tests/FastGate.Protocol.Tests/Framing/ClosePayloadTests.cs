using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class ClosePayloadTests
{
    [Fact]
    public void Try_read_empty_payload_has_no_status()
    {
        Assert.True(ClosePayload.TryRead([], out CloseStatus status, out ReadOnlySpan<byte> reason, out FrameError error));
        Assert.Equal((CloseStatus.NoStatus, 0, FrameError.None), (status, reason.Length, error));
    }

    [Fact]
    public void Try_read_refuses_one_byte()
    {
        Assert.False(ClosePayload.TryRead([3], out _, out _, out FrameError error));
        Assert.Equal(FrameError.CloseTooShort, error);
    }

    [Fact]
    public void Try_read_accepts_only_statuses_of_the_rfc_and_the_registry()
    {
        int[] registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
        for (int code = 0; code <= ushort.MaxValue; code++)
        {
            bool expected = registered.Contains(code) || code is >= 3000 and <= 4999;
            bool actual = ClosePayload.TryRead([(byte)(code >> 8), (byte)code, (byte)'r'], out CloseStatus status, out _, out FrameError error);
            if (expected != actual || expected != (error == FrameError.None) || (expected ? code : 1005) != (int)status)
            {
                Assert.Fail($"{code}: {actual} {status} {error}");
            }
        }
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("61C3")]
    [InlineData("EDA080")]
    public void Try_read_refuses_a_reason_that_is_not_utf_8(string reason)
    {
        Assert.False(ClosePayload.TryRead([0x03, 0xE8, .. Convert.FromHexString(reason)], out CloseStatus status, out ReadOnlySpan<byte> read, out FrameError error));
        Assert.Equal((CloseStatus.NoStatus, 0, FrameError.CloseReasonInvalidUtf8), (status, read.Length, error));
    }

    [Fact]
    public void Try_read_reads_what_write_wrote()
    {
        Span<byte> payload = stackalloc byte[125];
        int length = ClosePayload.Write(payload, (CloseStatus)4999, "再见"u8);
        Assert.True(ClosePayload.TryRead(payload[..length], out CloseStatus status, out ReadOnlySpan<byte> reason, out _));
        Assert.Equal(4999, (int)status);
        Assert.True(reason.SequenceEqual("再见"u8));
    }
}
