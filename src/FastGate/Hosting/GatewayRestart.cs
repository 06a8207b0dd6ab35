using System.Diagnostics.Metrics;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Http.Admin;
using FastGate.Restart;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>The restart in place: what is checked before it, and what is reported of it. Any thread.</summary>
internal sealed class GatewayRestart : IGatewayRestart
{
    /// <summary>A start takes about a second; this allows for a busy machine that is short of memory.</summary>
    private static readonly TimeSpan s_rehearsalLimit = TimeSpan.FromSeconds(30);

    private volatile RestartResult? _last;
    private volatile int _restarts;

    /// <param name="configuration">The configuration of this program, from which the next one is read.</param>
    /// <param name="unbindable">Why the listeners of other options could not be opened.</param>
    /// <param name="replace">See <see cref="RestartRequests"/>.</param>
    /// <param name="meters">The meters.</param>
    /// <param name="logs">The logs.</param>
    public GatewayRestart(
        GatewayConfiguration configuration,
        Func<GatewayOptions, IEnumerable<string>> unbindable,
        Func<Task<string>> replace,
        IMeterFactory meters,
        ILoggerFactory logs)
    {
        var rehearsal = new Rehearsal(ProgramImage.OfProcess, () => SecretsOf(configuration.Snapshot), s_rehearsalLimit);
        Requests = new RestartRequests(
            () => ProgramImage.WhyUnsupported is string why ? [why] : [.. configuration.Check(out GatewayOptions? next), .. next is null ? [] : unbindable(next)],
            cancellationToken => rehearsal.RunAsync(StateFormat.Version, cancellationToken),
            replace,
            logs.CreateLogger<RestartRequests>());
        RestartMetrics.Create(
            meters, () => _restarts, () => Requests.Refused, () => _last?.GapMs / 1000.0, () => (_last?.Connections ?? 0, _last?.Closed ?? 0));
    }

    public RestartRequests Requests { get; }

    /// <summary>Restarts in place since the process was started.</summary>
    public int Restarts => _restarts;

    public void Begin(Action<string?> report) => Requests.Begin(report);

    public RestartReport Report() => new(
        _restarts, _last, Requests.LastRefusal is { } refused ? new RefusedRestart(refused.At, refused.Reason) : null);

    /// <summary>This program has replaced another one and serves its connections.</summary>
    public void OnRestarted(int restarts, RestartResult result)
    {
        _last = result;
        _restarts = restarts;
    }

    private static IEnumerable<string> SecretsOf(GatewaySnapshot snapshot) =>
        snapshot.Keys.Where(static key => OptionSchema.IsSecret(key.Key)).Select(static key => key.Value).OfType<string>();
}
