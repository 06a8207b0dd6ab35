using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Restarts;

namespace FastGate.LoadTest.Scenarios;

/// <summary>The report, after the loop has ended.</summary>
internal sealed partial class RestartScenario
{
    public override RestartReport DescribeRestarts()
    {
        RestartDevice[] all = [.. _devices.Select(static device => device.Numbered!)];
        RestartDevice[] pinging = [.. all.Where(static device => device.Role == DeviceRole.Pinging)];
        RestartDevice[] kept = [.. all.Where(static device => device.Role != DeviceRole.Arrival)];
        MessageCounts total = all.Aggregate(_ended, static (sum, device) => sum + device.Pings.Count() + (device.Turns?.Count() ?? default));
        GapWindow[] windows = _director!.Windows;
        foreach (RestartDevice device in pinging)
        {
            if (device.FirstUnanswered is { } due)
            {
                Array.ForEach(windows, window => window.Unanswered(device, due));
            }
        }

        int answered = kept.Sum(static device => device.HellosAnswered);
        return new RestartReport
        {
            Trigger = _own.Trigger.ToString().ToLowerInvariant(),
            Connected = kept.Length,
            NotConnected = Settings.Devices - kept.Length,
            Pinging = pinging.Length,
            Turning = kept.Count(static device => device.Role == DeviceRole.Turning),
            NewConnects = _newConnects,
            Refused = _refused,
            Closed = _closed,
            Messages = total.Sent,
            Lost = total.Lost,
            Doubled = total.Doubled,
            Reordered = total.Reordered,
            Hellos = answered,
            HellosUnanswered = (kept.Length * _director.Rounds.Count) - answered,
            SessionsChanged = kept.Sum(static device => device.SessionsChanged),
            TurnsFinished = _turns.Sum(static totals => totals.Finished),
            TurnsCut = _turns.Sum(static totals => totals.Cut),
            TurnsBroken = _turns.Sum(static totals => totals.Broken),
            Control = GapReport.Of(windows[0].Gaps(pinging), windows[0].Silence),
            Rounds = [.. _director.Rounds.Select((round, i) => Describe(round, windows[i + 1], _turns[i + 1], pinging))],
        };
    }

    /// <summary>Arrivals and the connections to the model come and go.</summary>
    public override IReadOnlyList<ThresholdResult> Judge(RunReport report) =>
        report.Restart!.Judge(report.Load.Unanswered, _own.MaxGapMs, _own.MaxGrowthPercent, maxSocketGrowth: _own.Turning + ArrivalSlots);

    private static RestartRoundReport Describe(RestartRound round, GapWindow window, TurnTotals turns, RestartDevice[] pinging) => new()
    {
        Answer = round.Answer,
        Restarted = round.Restarted,
        Gap = GapReport.Of(window.Gaps(pinging), window.Silence),
        TurnsFinished = turns.Finished,
        TurnsCut = turns.Cut,
        ServerMb = round.After is { } after ? RunSampler.Round(after.ResidentBytes / 1e6, 2) : null,
        Sockets = round.After?.Sockets,
        OtherDescriptors = round.After?.Others,
        Log = round.Log,
    };
}
