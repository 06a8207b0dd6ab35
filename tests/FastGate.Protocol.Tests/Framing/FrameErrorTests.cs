using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class FrameErrorTests
{
    [Theory]
    [InlineData(FrameError.ReservedBits, 1002)]
    [InlineData(FrameError.ReservedOpcode, 1002)]
    [InlineData(FrameError.NotMasked, 1002)]
    [InlineData(FrameError.Masked, 1002)]
    [InlineData(FrameError.ControlTooLong, 1002)]
    [InlineData(FrameError.ControlFragmented, 1002)]
    [InlineData(FrameError.LengthNotMinimal, 1002)]
    [InlineData(FrameError.LengthOverflow, 1002)]
    [InlineData(FrameError.ContinuationWithoutStart, 1002)]
    [InlineData(FrameError.MessageInsideMessage, 1002)]
    [InlineData(FrameError.FrameTooBig, 1009)]
    [InlineData(FrameError.MessageTooBig, 1009)]
    [InlineData(FrameError.TooManyFragments, 1008)]
    [InlineData(FrameError.InvalidUtf8, 1007)]
    [InlineData(FrameError.CloseTooShort, 1002)]
    [InlineData(FrameError.CloseStatusInvalid, 1002)]
    [InlineData(FrameError.CloseReasonInvalidUtf8, 1007)]
    [InlineData(FrameError.MalformedCompression, 1007)]
    public void To_close_status_follows_the_rfc(FrameError error, int status) => Assert.Equal(status, (int)error.ToCloseStatus());

    [Fact]
    public void To_close_status_of_every_error_may_be_sent()
    {
        foreach (FrameError error in Enum.GetValues<FrameError>())
        {
            if (error != FrameError.None)
            {
                Assert.True(ClosePayload.MayBeSent(error.ToCloseStatus()));
            }
        }
    }
}
