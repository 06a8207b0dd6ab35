using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Restarts;

/// <summary>Triggers the restarts at their planned instants, opens the windows, and measures the server after each.</summary>
internal sealed class RestartDirector(RestartSettings settings, IRestartableServer server)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Index 0 is the control window without a restart.</summary>
    public GapWindow[] Windows { get; } = [.. Enumerable.Range(0, settings.Restarts + 1).Select(i => new GapWindow(i, LoadSettings.Nanoseconds(settings.Watch)))];

    public List<RestartRound> Rounds { get; } = [];

    /// <summary>When restart <paramref name="round"/>, from 1, is triggered in a load that begins at <paramref name="at"/>.</summary>
    public long TriggerAt(long at, int round) => at + (round * LoadSettings.Nanoseconds(settings.Every));

    /// <summary>When the devices say hello after this restart.</summary>
    public long HelloAt(long at, int round) => TriggerAt(at, round) + LoadSettings.Nanoseconds(settings.Watch);

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
            await WaitForImageAsync(before, failed, stop);
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

    /// <summary>A restart on a busy machine may last longer than it is watched. The next one must not begin before it has ended.</summary>
    private async Task WaitForImageAsync(ProcessFootprint? before, bool failed, CancellationToken stop)
    {
        long end = LoadClock.Now + LoadSettings.Nanoseconds(settings.Settle);
        while (!failed && server.Measure() is { } now && now.Image == before?.Image && LoadClock.Now < end && !stop.IsCancellationRequested)
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
