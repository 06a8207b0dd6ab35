using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Restarts;

/// <summary>Triggers the restarts at their planned instants, opens the windows, and measures the server after each.</summary>
internal sealed class RestartDirector(RestartSettings settings, IRestartableServer server)
{
    /// <summary>Answers of each pinging device to which a restarted process has grown before it is measured.</summary>
    private const int AnswersOfDevice = 2;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    private long _countFrom = long.MaxValue;
    private int _answers;

    /// <summary>Index 0 is the control window without a restart.</summary>
    public GapWindow[] Windows { get; } = [.. Enumerable.Range(0, settings.Restarts + 1).Select(i => new GapWindow(i, LoadSettings.Nanoseconds(settings.Watch)))];

    public List<RestartRound> Rounds { get; } = [];

    /// <summary>When restart <paramref name="round"/>, from 1, is triggered in a load that begins at <paramref name="at"/>.</summary>
    public long TriggerAt(long at, int round) => at + (round * LoadSettings.Nanoseconds(settings.Every));

    /// <summary>When the devices say hello after this restart.</summary>
    public long HelloAt(long at, int round) => TriggerAt(at, round) + LoadSettings.Nanoseconds(settings.Watch);

    /// <summary>Thread of the loop: a ping that was due at <paramref name="due"/> was answered.</summary>
    public void CountAnswer(long due)
    {
        if (due >= Volatile.Read(ref _countFrom))
        {
            Interlocked.Increment(ref _answers);
        }
    }

    public async Task RunAsync(long at, CancellationToken stop)
    {
        long watch = LoadSettings.Nanoseconds(settings.Watch);
        await WaitUntilAsync(TriggerAt(at, 1) - watch - (watch / 10), stop);
        Windows[0].Open(LoadClock.Now);
        for (int round = 1; round <= settings.Restarts && !stop.IsCancellationRequested; round++)
        {
            await WaitUntilAsync(TriggerAt(at, round), stop);
            _ = server.TakeLog();
            ProcessFootprint? before = server.Measure();
            Windows[round].Open(LoadClock.Now);
            (string answer, bool failed) = await TriggerAsync(stop);
            await WaitUntilAsync(HelloAt(at, round) + LoadSettings.Nanoseconds(settings.HelloSpread), stop);
            if (!failed)
            {
                await WaitForAsync(() => server.Measure()?.Image != before?.Image, stop);
                await WaitForServiceAsync(stop);
            }

            string[] log = [.. server.TakeLog().Where(static line => line.Contains("restart", StringComparison.OrdinalIgnoreCase) || line.Contains("hand", StringComparison.OrdinalIgnoreCase))];
            Rounds.Add(new RestartRound(answer, before, server.Measure(), failed, log));
        }
    }

    private async Task<(string Answer, bool Failed)> TriggerAsync(CancellationToken stop)
    {
        try
        {
            return (await server.RestartAsync(stop), false);
        }
        catch (Exception exception)
        {
            // A refused or failed restart is a result of the run, not the end of it.
            return (exception.Message, true);
        }
    }

    /// <summary>A process that has just begun has a fraction of its later memory: rounds are compared when each has answered every pinging device.</summary>
    private async Task WaitForServiceAsync(CancellationToken stop)
    {
        Volatile.Write(ref _answers, 0);
        Volatile.Write(ref _countFrom, LoadClock.Now);
        await WaitForAsync(() => Volatile.Read(ref _answers) >= AnswersOfDevice * settings.Pinging, stop);
        Volatile.Write(ref _countFrom, long.MaxValue);
    }

    /// <summary>A restart on a busy machine may last longer than it is watched. The next one must not begin before it has ended.</summary>
    private async Task WaitForAsync(Func<bool> condition, CancellationToken stop)
    {
        long end = LoadClock.Now + LoadSettings.Nanoseconds(settings.Settle);
        while (!condition() && LoadClock.Now < end && !stop.IsCancellationRequested)
        {
            await WaitUntilAsync(LoadClock.Now + LoadSettings.Nanoseconds(s_poll), stop);
        }
    }

    private static async Task WaitUntilAsync(long instant, CancellationToken stop)
    {
        long left = instant - LoadClock.Now;
        if (left > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left / 1e6)), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
