using FastGate.Diagnostics;

namespace FastGate.Tests.Fuzz.Lives;

/// <content>What a life has reached, for the sum over all lives: a fuzzer that reaches nothing finds nothing.</content>
internal sealed partial class WholeLife
{
    /// <summary>After the life.</summary>
    public IEnumerable<string> Reached =>
    [
        .. ConnectionEndReasons.All.Where(reason => _harness.Metrics.EndedBy(reason) > 0).Select(static reason => reason.ToString()),
        .. ((string[])["completed", "cancelled", "failed"]).Where(outcome => _turns.Of(outcome) > 0).Select(static outcome => $"turn {outcome}"),
        .. When(_devices.Exists(static device => device.Received.IsUpgraded), "upgraded"),
        .. When(_devices.Exists(static device => device.Connection is CallingConnection { TakenAtOnce: > 0 }), "taken at once"),
        .. When(_tls.Succeeded > 0, "TLS"),
        .. When(_harness.Metrics.InflatedMessages.Value > 0, "inflated"),
        .. When(_harness.Metrics.DeflatedMessages.Value > 0, "deflated"),
        .. When(_harness.SpeechMetrics.Utterances.Value > 0, "heard"),
        .. When(_harness.SpeechMetrics.FramesSent.Value > 0, "spoken"),
        .. When(_harness.LimitMetrics.Paused.Value > 0, "paused"),
        .. When(_store.Exchanges.Count > 0, "stored"),
        .. When(_harness.Memory.Status.Refused > 0, "refused by memory"),
        .. When(_drain is not null, "stopped"),
    ];

    private static IEnumerable<string> When(bool isReached, string what) => isReached ? [what] : [];
}
