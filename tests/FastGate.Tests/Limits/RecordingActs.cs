using System.Collections.Concurrent;
using FastGate.Limits;

namespace FastGate.Tests.Limits;

/// <summary>Records the bans of a <see cref="SuspectJudge"/>.</summary>
internal sealed class RecordingActs : ISuspectActs, IDisposable
{
    private readonly SemaphoreSlim _banned = new(0);

    public HashSet<UInt128> Connected { get; } = [];

    public SemaphoreSlim LookedAt { get; } = new(0);

    public bool Fails { get; set; }

    public ConcurrentQueue<(Suspect Suspect, TimeSpan Time)> Banned { get; } = new();

    public IReadOnlySet<UInt128> WithDevices(IReadOnlySet<UInt128> sources, Func<UInt128, UInt128> sourceOf)
    {
        if (Fails)
        {
            throw new InvalidOperationException("test");
        }

        LookedAt.Release();
        return Connected.Where(address => sources.Contains(sourceOf(address))).ToHashSet();
    }

    public void Ban(IReadOnlyList<Suspect> suspects, int prefix, TimeSpan time)
    {
        foreach (Suspect suspect in suspects)
        {
            Banned.Enqueue((suspect, time));
            _banned.Release();
        }
    }

    public void Dispose()
    {
        _banned.Dispose();
        LookedAt.Dispose();
    }

    public async Task<(Suspect Suspect, TimeSpan Time)> TakeAsync()
    {
        Assert.True(await _banned.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(Banned.TryDequeue(out (Suspect, TimeSpan) banned));
        return banned;
    }
}
