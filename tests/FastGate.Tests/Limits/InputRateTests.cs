using FastGate.Configuration.Options;
using FastGate.Limits;

namespace FastGate.Tests.Limits;

public sealed class InputRateTests
{
    private const long Start = 5_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(268_435_400)]
    [InlineData(long.MaxValue / 32)]
    public void Speech_never_pauses_whatever_the_clock_says(long start)
    {
        var rate = new InputRate(new RateOptions());
        uint paid = 0;
        for (int packet = 0; packet < 10_000; packet++)
        {
            Assert.True(rate.Pay(ref paid, messages: 1, bytes: 150, start + (packet * 20)) <= 0);
        }
    }

    [Fact]
    public void Ten_seconds_of_messages_may_come_at_once_and_then_a_pause_halves_the_debt()
    {
        var rate = new InputRate(new RateOptions { MessagesPerSecond = 100, BytesPerSecond = 0 });
        uint paid = 0;
        Assert.Equal(-1, rate.Pay(ref paid, 1, 1_000_000, Start));
        Assert.Equal(0, rate.Pay(ref paid, 999, 1_000_000, Start));

        int pauseMs = rate.Pay(ref paid, 1, 0, Start);

        Assert.InRange(pauseMs, 5_000, 5_020);
        Assert.Equal(0, rate.Pay(ref paid, 499, 0, Start + pauseMs));
        Assert.True(rate.Pay(ref paid, 2, 0, Start + pauseMs) > 0);
    }

    [Fact]
    public void Bytes_count_like_messages()
    {
        var rate = new InputRate(new RateOptions { MessagesPerSecond = 0, BytesPerSecond = 1_000 });
        uint paid = 0;
        Assert.Equal(-1, rate.Pay(ref paid, 100_000, 10_000, Start));
        Assert.True(rate.Pay(ref paid, 1, 1_000, Start) > 0);
    }

    [Fact]
    public void One_read_of_any_size_pauses_for_a_bounded_time()
    {
        var rate = new InputRate(new RateOptions { MessagesPerSecond = 1, BytesPerSecond = 1 });
        uint paid = 0;
        Assert.InRange(rate.Pay(ref paid, int.MaxValue, long.MaxValue / 100_000, Start), 1, 20_000);
    }

    [Fact]
    public void Quiet_connection_owes_nothing_even_when_the_number_has_begun_anew()
    {
        var rate = new InputRate(new RateOptions { MessagesPerSecond = 100, BytesPerSecond = 0 });
        foreach (long quietMs in (long[])[60_000, 3_600_000, 1L << 27, (1L << 28) - 60_000, 1L << 28, (1L << 28) + 60_000, 1L << 33])
        {
            uint paid = 0;
            rate.Pay(ref paid, 1_000, 0, Start);
            Assert.Equal(-1, rate.Pay(ref paid, 1, 0, Start + 20_000 + quietMs));
        }
    }

    [Fact]
    public void Both_limits_can_be_off() => Assert.True(new InputRate(new RateOptions { MessagesPerSecond = 0, BytesPerSecond = 0 }).IsOff);
}
