using FastGate.Configuration.Loading;
using FastGate.Http.Admin;
using FastGate.Restart;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>The restart in place: who may ask for it, and what is reported of it.</summary>
internal sealed class GatewayRestart : IGatewayRestart
{
    /// <summary>A start takes about a second; this allows for a busy machine that is short of memory.</summary>
    private static readonly TimeSpan s_rehearsalLimit = TimeSpan.FromSeconds(30);

    public GatewayRestart(GatewayConfiguration configuration, ILoggerFactory logs)
    {
        var rehearsal = new Rehearsal(ProgramImage.OfProcess, () => SecretsOf(configuration.Snapshot), s_rehearsalLimit);
        Requests = new RestartRequests(
            () => ProgramImage.WhyUnsupported is string why ? [why] : configuration.Check(),
            () => rehearsal.RunAsync(1),
            () => Task.FromResult("not complete"),
            logs.CreateLogger<RestartRequests>());
    }

    public RestartRequests Requests { get; }

    public void Begin(Action<string?> report) => Requests.Begin(report);

    public RestartReport Report() => new(0, null, Requests.LastRefusal is { } refused ? new RefusedRestart(refused.At, refused.Reason) : null);

    private static IEnumerable<string> SecretsOf(GatewaySnapshot snapshot) =>
        snapshot.Keys.Where(static key => OptionSchema.IsSecret(key.Key)).Select(static key => key.Value).OfType<string>();
}
