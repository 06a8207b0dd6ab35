using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Limits;

/// <summary>
/// Decides about bans, on the pool and for all suspects of a second at once: an address is banned only when none of its devices is connected, which takes a
/// look at all connections. Any thread may add; there is no task while there are no suspects.
/// </summary>
internal sealed class SuspectJudge(Func<SourceSettings> settings, LimitMetrics metrics, ILogger log, TimeProvider time)
{
    /// <summary>Suspects that wait; more are added again by their next refused connect.</summary>
    public const int Capacity = 256;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private HashSet<Suspect> _waiting = [];
    private bool _isRunning;

    /// <summary>Set before the first connect; without it suspects stay free.</summary>
    public ISuspectActs? Acts { get; set; }

    public void Add(Suspect suspect)
    {
        lock (_lock)
        {
            if (Acts is null || _waiting.Count == Capacity || !_waiting.Add(suspect) || _isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                Judge();
            }
            catch (Exception exception)
            {
                log.JudgeFailed(exception);
            }

            await Task.Delay(s_pause, time);
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _isRunning = false;
                    return;
                }
            }
        }
    }

    private void Judge()
    {
        HashSet<Suspect> suspects;
        lock (_lock)
        {
            (suspects, _waiting) = (_waiting, []);
        }

        SourceSettings current = settings();
        HashSet<UInt128> sources = [.. suspects.Where(static suspect => suspect.Device is null).Select(static suspect => suspect.Source)];
        IReadOnlySet<UInt128> spared = sources.Count == 0 ? sources : Acts!.WithDevices(sources, current.SourceOf);
        for (int i = 0; i < spared.Count; i++)
        {
            metrics.Spared();
        }

        Suspect[] guilty = [.. suspects.Where(suspect => suspect.Device is not null || !spared.Contains(suspect.Source))];
        if (guilty.Length > 0)
        {
            Acts!.Ban(guilty, current.PrefixIPv6, current.BanTime);
        }
    }
}
