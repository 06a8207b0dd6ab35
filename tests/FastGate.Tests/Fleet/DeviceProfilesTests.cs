using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Fleet;

public sealed class DeviceProfilesTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Last_turns_and_ends_are_kept_newest_first()
    {
        var profiles = new DeviceProfiles(_time);
        for (int i = 1; i <= DeviceProfile.Kept + 2; i++)
        {
            profiles.TurnEnded("a", Turn(i), failed: i == 1, cancelled: i is 2 or 3);
            profiles.ConnectionEnded("a", $"reason{i}", i * 1_000);
        }

        ProfileSnapshot profile = profiles.Find("a")!;

        Assert.Equal(new TurnCounts(7, 1, 2), profile.Turns);
        Assert.Equal([7, 6, 5, 4, 3], profile.LastTurns.Select(static turn => turn.TotalMs));
        Assert.Equal([("reason7", 7), ("reason6", 6)], profile.LastEnds.Take(2).Select(static end => (end.Reason, end.AgeSeconds)));
        Assert.Null(profiles.Find("b"));
    }

    [Fact]
    public void Later_report_replaces_what_it_has()
    {
        var profiles = new DeviceProfiles(_time);
        profiles.Report("a", "1.0.0", "bread");
        profiles.Report("a", "1.1.0", null);

        Assert.Equal(("1.1.0", "bread"), profiles.FindKind("a"));
        Assert.Equal(_time.GetUtcNow(), profiles.Find("a")!.ReportedAt);
        Assert.Equal((null, null), profiles.FindKind("b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void Text_that_cannot_be_shown_is_ignored(string text)
    {
        var profiles = new DeviceProfiles(_time);
        profiles.Report("a", text, text);
        Assert.Null(profiles.Find("a"));
    }

    [Fact]
    public void Number_of_profiles_is_bounded_and_the_oldest_are_forgotten()
    {
        var profiles = new DeviceProfiles(_time, capacity: 640);
        for (int i = 0; i < 20_000; i++)
        {
            profiles.Report($"device-{i}", "1.0.0", null);
        }

        Assert.Equal(640, profiles.Count);
        Assert.Equal(20_000 - 640, profiles.Forgotten);
        Assert.NotNull(profiles.Find("device-19999"));
        Assert.Null(profiles.Find("device-0"));
    }

    [Fact]
    public void Threads_may_report_at_once()
    {
        var profiles = new DeviceProfiles(_time);
        Parallel.For(0, 4_000, i =>
        {
            profiles.Report($"d{i % 50}", "1.0.0", $"board{i % 50}");
            profiles.TurnEnded($"d{i % 50}", Turn(i), failed: false, cancelled: false);
        });

        Assert.All(Enumerable.Range(0, 50), i =>
        {
            Assert.Equal(("1.0.0", $"board{i}"), profiles.FindKind($"d{i}"));
            Assert.Equal(80, profiles.Find($"d{i}")!.Turns.All);
        });
    }

    private static TurnTimes Turn(int ms) => new(DateTimeOffset.UnixEpoch, "Completed", null, null, 1, 2, null, null, ms);
}
