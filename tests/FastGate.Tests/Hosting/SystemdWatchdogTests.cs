using FastGate.Hosting;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Hosting;

public sealed class SystemdWatchdogTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<SystemdWatchdog> _log = new();

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("30000000", null, 30)]
    [InlineData("30000000", "77", 30)]
    [InlineData("30000000", "78", null)]
    [InlineData("0", null, null)]
    [InlineData("soon", "77", null)]
    public void Only_the_process_that_the_manager_names_has_an_interval(string? microseconds, string? process, int? seconds) => Assert.Equal(
        seconds is { } expected ? TimeSpan.FromSeconds(expected) : null,
        SystemdWatchdog.IntervalFor(77, name => name == "WATCHDOG_USEC" ? microseconds : name == "WATCHDOG_PID" ? process : null));

    [Fact]
    public async Task It_pings_three_times_in_each_interval()
    {
        int pings = 0;
        using SystemdWatchdog watchdog = new SystemdWatchdog(s_interval, static () => Task.CompletedTask, () => Interlocked.Increment(ref pings), _log, _time).Start();
        for (int expected = 1; expected <= 4; expected++)
        {
            await _time.NextDueInAsync(s_interval / 3);
            Assert.Equal(expected, Volatile.Read(ref pings));
            _time.Turn(s_interval / 3);
        }

        watchdog.Dispose();
        await watchdog.Running;
    }

    [Fact]
    public async Task It_is_silent_and_logs_while_a_loop_does_not_respond_and_pings_again_after_that()
    {
        int pings = 0;
        int asked = 0;
        using SystemdWatchdog watchdog = new SystemdWatchdog(
            s_interval,
            () => Interlocked.Increment(ref asked) == 1 ? new TaskCompletionSource().Task : Task.CompletedTask,
            () => Interlocked.Increment(ref pings),
            _log,
            _time).Start();
        await _time.TurnToNextAsync(s_interval / 3);
        await _log.Logged(7411);
        await _time.TurnToNextAsync(s_interval / 3);
        await Eventually.TrueAsync(() => Volatile.Read(ref pings) == 1, "the next response is in time");
        watchdog.Dispose();
        await watchdog.Running;
        Assert.Equal(2, asked);
    }
}
