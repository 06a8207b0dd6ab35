namespace FastGate.LoadTest.Reports;

/// <summary>The restarts.</summary>
internal sealed partial class HtmlReport
{
    private void WriteRestarts()
    {
        if (_report.Restart is not { } restart)
        {
            return;
        }

        string Count(string key, long value) => Value("restart." + key, value);
        Add($"<h2>Restarts by {Text(restart.Trigger)}</h2>\n<p>{Count("connected", restart.Connected)} devices, {Count("pinging", restart.Pinging)} pinging, {Count("turning", restart.Turning)} in turns; closed {Count("closed", restart.Closed)}. Connected anew {Count("newConnects", restart.NewConnects)}, refused or reset {Count("refused", restart.Refused)}. Numbered messages {Count("messages", restart.Messages)}, lost {Count("lost", restart.Lost)}, doubled {Count("doubled", restart.Doubled)}, reordered {Count("reordered", restart.Reordered)}. Second hellos {Count("hellos", restart.Hellos)}, session ids changed {Count("sessionsChanged", restart.SessionsChanged)}. Turns finished {Count("turnsFinished", restart.TurnsFinished)}, cut {Count("turnsCut", restart.TurnsCut)}, broken {Count("turnsBroken", restart.TurnsBroken)}.</p>\n");
        _html.Append("<div class=\"wide\"><table><tr><th>worst delay of a device, ms</th><th>p50</th><th>p99</th><th>max</th><th>no answer at all</th><th>turns finished</th><th>turns cut</th><th>server, MB</th><th>sockets</th><th>other descriptors</th></tr>\n");
        Add($"<tr><td>without a restart</td>{Gap("restart.control", restart.Control)}<td></td><td></td><td></td><td></td><td></td></tr>\n");
        for (int i = 0; i < restart.Rounds.Count; i++)
        {
            RestartRoundReport round = restart.Rounds[i];
            string path = $"restart.rounds.{i}";
            Add($"<tr><td>restart {i + 1}{(round.Restarted ? "" : ", did not happen")}</td>{Gap(path + ".gap", round.Gap)}<td>{Value(path + ".turnsFinished", round.TurnsFinished)}</td><td>{Value(path + ".turnsCut", round.TurnsCut)}</td><td>{Value(path + ".serverMb", round.ServerMb)}</td><td>{Value(path + ".sockets", round.Sockets)}</td><td>{Value(path + ".otherDescriptors", round.OtherDescriptors)}</td></tr>\n");
        }

        _html.Append("</table></div>\n");
    }

    private static string Gap(string path, GapReport gap) =>
        $"<td>{Value(path + ".p50Ms", gap.P50Ms)}</td><td>{Value(path + ".p99Ms", gap.P99Ms)}</td><td>{Value(path + ".maxMs", gap.MaxMs)}</td><td>{Value(path + ".silenceMs", gap.SilenceMs)}</td>";
}
