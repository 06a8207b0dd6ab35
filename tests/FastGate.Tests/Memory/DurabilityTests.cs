using System.Diagnostics;
using System.Globalization;
using FastGate.Memory;
using FastGate.Tests.Memory.Stores;

namespace FastGate.Tests.Memory;

/// <summary>
/// Kills a process that stores exchanges at random moments: ten times in the suite, four of them with PostgreSQL, more with <c>FASTGATE_KILL_ROUNDS</c>. All
/// rounds use one database, so each start opens what the last kill left, and the final check covers every round.
/// </summary>
[Collection(PostgresTestGroup.Name)]
public sealed class DurabilityTests(PostgresFixture postgres)
{
    /// <summary>The process sleeps 5 ms after each line, so this many take a second, in which it ran: a pause of the machine does not count.</summary>
    private const int LinesOfASecond = 200;

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public async Task A_killed_process_loses_no_exchange_that_is_older_than_a_second_or_flushed(StoreKind kind)
    {
        string usual = kind == StoreKind.Sqlite ? "6" : "4";
        int rounds = int.Parse(Environment.GetEnvironmentVariable("FASTGATE_KILL_ROUNDS") ?? usual, CultureInfo.InvariantCulture);
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        using var database = new TemporaryStore(kind, postgres);
        long next = 0;
        long beforeThisRound = 0;
        var safe = new List<(long From, long To)>();
        for (int round = 0; round < rounds; round++)
        {
            Round ended = await RunAndKillAsync(database.Arguments, next, random.Next(1, 400));
            Assert.True(ended.LastSafe < ended.End);
            safe.Add((next, ended.LastSafe));

            // The database opens and holds the safe exchanges of this round, each with its own device and in order.
            using IMemoryStore store = database.Open();
            (HashSet<long> stored, long lastId) = Stored(database, beforeThisRound);
            beforeThisRound = lastId;
            for (long number = next; number <= ended.LastSafe; number++)
            {
                Assert.True(stored.Contains(number), $"exchange {number} is lost in round {round}, seed {seed}");
            }

            next = ended.End;
        }

        (HashSet<long> all, _) = Stored(database, 0);
        foreach ((long from, long to) in safe)
        {
            for (long number = from; number <= to; number++)
            {
                Assert.True(all.Contains(number), $"exchange {number} was lost by a later round, seed {seed}");
            }
        }

        database.CheckUndamaged();
    }

    private sealed record Round(long LastSafe, long End);

    /// <summary>Kills the process after it has written so many lines; returns the last exchange that must be stored and the number to continue with.</summary>
    private static async Task<Round> RunAndKillAsync(string[] database, long first, int lines)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "FastGate.MemoryVictim.dll"));
        start.ArgumentList.Add(first.ToString(CultureInfo.InvariantCulture));
        foreach (string argument in database)
        {
            start.ArgumentList.Add(argument);
        }

        using Process victim = Process.Start(start)!;
        var accepted = new List<long>();
        long lastSafe = first - 1;
        using var timeout = new CancellationTokenSource(TestMemory.Timeout);
        for (int i = 0; i < lines; i++)
        {
            string line = await victim.StandardOutput.ReadLineAsync(timeout.Token) ?? throw new InvalidOperationException("the process exited by itself");
            Note(line, accepted, ref lastSafe);
        }

        victim.Kill();
        await victim.WaitForExitAsync(timeout.Token);

        // Lines written before it was killed count too: they report what was accepted or flushed until then. Each line is later than the one before.
        while (await victim.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            Note(line, accepted, ref lastSafe);
        }

        if (accepted.Count > LinesOfASecond)
        {
            lastSafe = Math.Max(lastSafe, accepted[^(LinesOfASecond + 1)]);
        }

        // More may have been accepted than reported; the next process starts well above.
        return new Round(lastSafe, (accepted.Count == 0 ? first : accepted[^1]) + 10_000);
    }

    private static void Note(string line, List<long> accepted, ref long lastSafe)
    {
        string[] parts = line.Split(' ');
        if (parts.Length != 3 || !long.TryParse(parts[2], CultureInfo.InvariantCulture, out long to))
        {
            return;
        }

        if (parts[0] == "f")
        {
            lastSafe = Math.Max(lastSafe, to);
        }
        else
        {
            accepted.Add(to);
        }
    }

    /// <summary>The numbers of the stored exchanges with ids above the given one, and the last id.</summary>
    private static (HashSet<long> Numbers, long LastId) Stored(TemporaryStore database, long afterId)
    {
        var stored = new HashSet<long>();
        long lastId = afterId;
        var lastOfDevice = new Dictionary<string, long>();
        foreach (StoredExchange exchange in database.Exchanges(afterId))
        {
            long number = long.Parse(exchange.User["question ".Length..], CultureInfo.InvariantCulture);
            Assert.Equal($"device-{number % 8}", exchange.DeviceId);
            Assert.Equal($"answer {number}", exchange.Assistant);
            Assert.True(lastOfDevice.GetValueOrDefault(exchange.DeviceId, -1) < number);
            lastOfDevice[exchange.DeviceId] = number;
            Assert.True(stored.Add(number));
            lastId = exchange.Id;
        }

        return (stored, lastId);
    }
}
