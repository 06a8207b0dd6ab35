using System.Net;
using FastGate.Auth;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Auth;

/// <summary>The delay that wrong secrets cause, by a clock that the test turns.</summary>
public sealed class GuessBackoffTests
{
    private static readonly IPEndPoint s_source = new(IPAddress.Parse("10.0.0.1"), 1);

    private readonly ManualTimeProvider _time = new();
    private readonly GuessBackoff _guesses;

    public GuessBackoffTests() => _guesses = new GuessBackoff(_time);

    [Fact]
    public void Delay_doubles_up_to_a_minute()
    {
        double[] seconds = [.. Enumerable.Range(0, 12).Select(_ =>
        {
            _guesses.OnWrong(s_source);
            return _guesses.DelayOf(s_source).TotalSeconds;
        })];
        Assert.Equal([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60], seconds);
    }

    [Fact]
    public void Delay_ends_and_the_next_wrong_secret_makes_it_longer()
    {
        Guess(s_source, GuessBackoff.Free);
        _time.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, _guesses.DelayOf(s_source));
        Guess(s_source, 1);
        Assert.Equal(TimeSpan.FromSeconds(2), _guesses.DelayOf(s_source));
    }

    [Fact]
    public void Right_secret_and_ten_minutes_of_silence_start_anew()
    {
        Guess(s_source, 2);
        _guesses.OnRight(s_source);
        Guess(s_source, 2);
        Assert.Equal(TimeSpan.Zero, _guesses.DelayOf(s_source));
        _time.Turn(TimeSpan.FromMinutes(10));
        Guess(s_source, 2);
        Assert.Equal(TimeSpan.Zero, _guesses.DelayOf(s_source));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Source_is_an_address_or_a_network_of_version_6(string guessing, string asking, bool delayed)
    {
        Guess(new IPEndPoint(IPAddress.Parse(guessing), 1), GuessBackoff.Free);
        Assert.Equal(delayed, _guesses.DelayOf(new IPEndPoint(IPAddress.Parse(asking), 2)) > TimeSpan.Zero);
    }

    [Fact]
    public void Number_of_sources_is_bounded_and_the_longest_delays_are_kept()
    {
        Guess(s_source, GuessBackoff.Free);
        for (int i = 0; i < 2 * GuessBackoff.MaxSources; i++)
        {
            Guess(new IPEndPoint(new IPAddress(i + 1L), 1), 1);
        }

        Assert.Equal(GuessBackoff.MaxSources, _guesses.Sources);
        Assert.True(_guesses.DelayOf(s_source) > TimeSpan.Zero);
    }

    [Fact]
    public void Wall_clock_that_is_set_does_not_change_a_delay()
    {
        Guess(s_source, GuessBackoff.Free);
        _time.StepWallClock(TimeSpan.FromDays(-1));
        Assert.Equal(TimeSpan.FromSeconds(1), _guesses.DelayOf(s_source));
    }

    private void Guess(IPEndPoint source, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _guesses.OnWrong(source);
        }
    }
}
