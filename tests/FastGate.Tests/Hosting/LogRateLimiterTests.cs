using FastGate.Diagnostics;
using FastGate.Hosting;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Hosting;

public sealed class LogRateLimiterTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingProvider _written = new();
    private readonly LogRateLimiter _limiter;
    private readonly ILogger _logger;

    public LogRateLimiterTests()
    {
        _limiter = new LogRateLimiter(_written, _time);
        _logger = _limiter.CreateLogger("A.Category");
    }

    [Fact]
    public void Ten_lines_of_an_event_are_written_in_a_second_and_the_number_of_the_others()
    {
        Refuse(10_000);
        Assert.Equal(10, _written.Log.Count(2006));
        Assert.Equal(0, _written.Log.Count(1090));

        _time.Turn(TimeSpan.FromSeconds(1));

        string report = Assert.Single(_written.Log.WithId(1090));
        Assert.Contains("9990", report, StringComparison.Ordinal);
        Assert.Contains("2006", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_second_has_its_own_lines_and_its_own_report()
    {
        for (int second = 0; second < 3; second++)
        {
            Refuse(100);
            _time.Turn(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(30, _written.Log.Count(2006));
        Assert.Equal(3, _written.Log.WithId(1090).Count(static line => line.Contains("90", StringComparison.Ordinal)));
    }

    [Fact]
    public void Events_do_not_take_lines_from_each_other()
    {
        Refuse(100);
        _logger.AutomaticId("d", "c", "t", "h", "s");
        Assert.Equal(1, _written.Log.Count(2004));
    }

    [Fact]
    public void Slow_events_debug_lines_and_lines_of_the_configuration_are_all_written()
    {
        for (int i = 0; i < 100; i++)
        {
            _logger.Ended("connection", "device", ConnectionEndReason.PeerClosed);
            _logger.UnknownKey("key", "nearest");
        }

        for (int i = 0; i < 20; i++)
        {
            Refuse(1);
            _time.Turn(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((100, 100, 20, 0), (_written.Log.Count(2001), _written.Log.Count(7000), _written.Log.Count(2006), _written.Log.Count(1090)));
    }

    [Fact]
    public void A_step_of_the_wall_clock_changes_nothing()
    {
        Refuse(100);
        _time.StepWallClock(TimeSpan.FromDays(-1));
        Refuse(100);
        Assert.Equal(10, _written.Log.Count(2006));
    }

    [Fact]
    public void Ending_reports_what_was_left_out()
    {
        Refuse(11);
        _limiter.Dispose();
        Assert.Equal(1, _written.Log.Count(1090));
    }

    [Fact]
    public void Threads_together_write_no_more_than_one_does()
    {
        Parallel.For(0, 4, _ => Refuse(10_000));
        _time.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(10, _written.Log.Count(2006));
        Assert.Contains("39990", Assert.Single(_written.Log.WithId(1090)), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _limiter.Dispose();
        _written.Dispose();
    }

    private void Refuse(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _logger.RegistrationFailed("device", "Full");
        }
    }

    private sealed class RecordingProvider : ILoggerProvider
    {
        public RecordingLogger<LogRateLimiter> Log { get; } = new();

        public ILogger CreateLogger(string categoryName) => Log;

        public void Dispose()
        {
        }
    }
}
