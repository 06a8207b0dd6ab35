using System.Collections.Concurrent;
using System.Globalization;
using FastGate.Diagnostics;
using FastGate.Tests.Fuzz.Lives;
using FastGate.Tests.Transport;
using Xunit.Abstractions;

namespace FastGate.Tests.Fuzz;

/// <summary>
/// Whole lives of servers and their connections on the in-memory transport, each made from one seed: see <see cref="WholeLife"/> for what it does and
/// checks. FASTGATE_FUZZ_ROUNDS and FASTGATE_FUZZ_SEED choose a longer run; a failure names the seed that runs it again. Not parallel to other tests,
/// because it counts the pooled buffers of the process.
/// </summary>
[Collection(nameof(ConnectionFuzzTests))]
[CollectionDefinition(nameof(ConnectionFuzzTests), DisableParallelization = true)]
public sealed class ConnectionFuzzTests(ITestOutputHelper output)
{
    /// <summary>Lives at a time: most of a life is waiting for threads.</summary>
    private const int AtOnce = 8;

    private const int DefaultRounds = 200;

    /// <summary>What at least one of so many lives must reach: each is reached by 5 in 100 or more. Lives that reach nothing would find nothing.</summary>
    private static readonly string[] s_expected =
    [
        "upgraded", "taken at once", "TLS", "inflated", "deflated", "heard", "stored", "stopped", "turn completed", "turn cancelled", "turn failed",
        nameof(ConnectionEndReason.PeerReset), nameof(ConnectionEndReason.PeerVanished), nameof(ConnectionEndReason.Replaced),
        nameof(ConnectionEndReason.DuplicateRejected), nameof(ConnectionEndReason.ProtocolViolation), nameof(ConnectionEndReason.NotAuthorized),
        nameof(ConnectionEndReason.HandshakeTimeout), nameof(ConnectionEndReason.IdleTimeout), nameof(ConnectionEndReason.MemoryPressure),
    ];

    [Fact]
    public async Task Each_connection_ends_once_and_returns_everything()
    {
        int rounds = Setting("FASTGATE_FUZZ_ROUNDS", DefaultRounds);
        int seed = Setting("FASTGATE_FUZZ_SEED", 1);
        var reached = new ConcurrentDictionary<string, int>();
        using var pools = new PoolBalance(keepsStacks: rounds == 1);
        Collect();
        ConcurrentQueue<Exception> unobserved = new();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, args) => unobserved.Enqueue(args.Exception);
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            for (int round = 0; round < rounds; round += AtOnce)
            {
                int first = seed + round;
                int count = Math.Min(AtOnce, rounds - round);
                pools.Restart();
                await Task.WhenAll(Enumerable.Range(first, count).Select(each => Task.Run(() => RunAsync(each, reached))));
                string where = $"lives from seed {first}, {count} at once";
                Exception? missing = await Record.ExceptionAsync(() => Eventually.TrueAsync(() => pools.Missing == 0, "all buffers are returned"));
                Assert.True(missing is null, $"buffers are not returned, {where}:\n{pools.Describe()}");
                Collect();
                Assert.True(unobserved.IsEmpty, $"an exception of a task was not observed, {where}: {string.Join('\n', unobserved)}");
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }

        string counts = string.Join(", ", reached.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Key} {pair.Value}"));
        output.WriteLine($"Lives that have reached: {counts}");
        string[] missed = rounds < DefaultRounds ? [] : [.. s_expected.Where(what => !reached.ContainsKey(what))];
        Assert.True(missed.Length == 0, $"no life has reached {string.Join(", ", missed)}, but: {counts}");
    }

    private static async Task RunAsync(int seed, ConcurrentDictionary<string, int> reached)
    {
        using var life = new WholeLife(seed);
        try
        {
            await life.RunAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"FASTGATE_FUZZ_SEED={seed} FASTGATE_FUZZ_ROUNDS=1 ({life.Description}): {exception.Message}", exception);
        }

        foreach (string what in life.Reached)
        {
            reached.AddOrUpdate(what, 1, static (_, before) => before + 1);
        }
    }

    /// <summary>What is garbage reports its exceptions.</summary>
    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static int Setting(string name, int absent) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? absent.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
