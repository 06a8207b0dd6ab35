using System.Diagnostics;
using System.Globalization;
using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace FastGate.Tests.Memory;

/// <summary>
/// A process that remembers turns is killed at random instants; ten in the suite, more by <c>FASTGATE_KILL_ROUNDS</c>. All rounds use
/// one database, so that each start opens what the last kill left, and the last look sees what every round left.
/// </summary>
public class DurabilityTests
{
    [Fact]
    public async Task A_killed_process_loses_no_turn_older_than_a_second_and_none_that_was_flushed()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable("FASTGATE_KILL_ROUNDS") ?? "10", CultureInfo.InvariantCulture);
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        using var database = new TemporaryDatabase();
        long next = 0;
        long beforeThisRound = 0;
        var safe = new List<(long From, long To)>();
        for (int round = 0; round < rounds; round++)
        {
            Round ended = await RunAndKillAsync(database.Path, next, random.Next(1, 400));
            Assert.True(ended.LastSafe < ended.End);
            safe.Add((next, ended.LastSafe));

            // Opens, and holds what is safe of this round, each turn with its own device and in order.
            using SqliteMemoryStore store = database.Store();
            store.Open();
            (HashSet<long> kept, long lastId) = Kept(database, beforeThisRound);
            beforeThisRound = lastId;
            for (long number = next; number <= ended.LastSafe; number++)
            {
                Assert.True(kept.Contains(number), $"turn {number} is lost in round {round}, seed {seed}");
            }

            next = ended.End;
        }

        (HashSet<long> all, _) = Kept(database, 0);
        foreach ((long from, long to) in safe)
        {
            for (long number = from; number <= to; number++)
            {
                Assert.True(all.Contains(number), $"turn {number} was lost by a later round, seed {seed}");
            }
        }

        Assert.Empty(database.SetAside);
    }

    private sealed record Round(long LastSafe, long End);

    /// <summary>Lets the process tell as many lines as asked, kills it, and says up to where its turns must be there.</summary>
    private static async Task<Round> RunAndKillAsync(string path, long first, int lines)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "FastGate.MemoryVictim.dll"));
        start.ArgumentList.Add(path);
        start.ArgumentList.Add(first.ToString(CultureInfo.InvariantCulture));
        using Process victim = Process.Start(start)!;
        var accepted = new List<(long At, long To)>();
        long lastSafe = first - 1;
        using var patience = new CancellationTokenSource(TestMemory.Timeout);
        for (int i = 0; i < lines; i++)
        {
            string line = await victim.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("the process ended by itself");
            Note(line, accepted, ref lastSafe);
        }

        victim.Kill();
        long killed = Stopwatch.GetTimestamp();
        await victim.WaitForExitAsync(patience.Token);

        // What it managed to say before it died counts as said: accepted just before the kill, or flushed before it.
        while (await victim.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            Note(line, accepted, ref lastSafe);
        }

        foreach ((long at, long to) in accepted)
        {
            if (Stopwatch.GetElapsedTime(at, killed) >= TimeSpan.FromSeconds(1))
            {
                lastSafe = Math.Max(lastSafe, to);
            }
        }

        // More may have been accepted than was told; the next process starts well beyond.
        return new Round(lastSafe, (accepted.Count == 0 ? first : accepted[^1].To) + 10_000);
    }

    private static void Note(string line, List<(long At, long To)> accepted, ref long lastSafe)
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
            accepted.Add((Stopwatch.GetTimestamp(), to));
        }
    }

    /// <summary>Numbers of the turns with ids after the given one, and the last id.</summary>
    private static (HashSet<long> Numbers, long LastId) Kept(TemporaryDatabase database, long afterId)
    {
        using SqliteConnection connection = database.Connect();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT device_id,user,assistant,id FROM turns WHERE id>@after ORDER BY id";
        command.Parameters.AddWithValue("@after", afterId);
        using SqliteDataReader row = command.ExecuteReader();
        var kept = new HashSet<long>();
        long lastId = afterId;
        var lastOfDevice = new Dictionary<string, long>();
        while (row.Read())
        {
            long number = long.Parse(row.GetString(1)["question ".Length..], CultureInfo.InvariantCulture);
            Assert.Equal($"device-{number % 8}", row.GetString(0));
            Assert.Equal($"answer {number}", row.GetString(2));
            Assert.True(lastOfDevice.GetValueOrDefault(row.GetString(0), -1) < number);
            lastOfDevice[row.GetString(0)] = number;
            Assert.True(kept.Add(number));
            lastId = row.GetInt64(3);
        }

        return (kept, lastId);
    }
}
