using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// kill -9 under load: the database opens each time and contains every turn whose <c>tts stop</c> was received more than a second before.
/// <c>FASTGATE_KILL_ROUNDS=200</c> runs the full length.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Devices = 16;

    /// <summary>
    /// Turns older than this many ticks must be on disk. A tick is 20 ms and an answer of the server, so that a pause of the machine, during which
    /// nothing can be written, does not count: a second in which the server runs.
    /// </summary>
    private const int SafeAfter = 50;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Turns_finished_for_a_second_survive_kill_at_any_time()
    {
        int rounds = TestSize.Of("FASTGATE_KILL_ROUNDS", 10);
        Random random = new(TestSize.Of("FASTGATE_SEED", 9));
        string directory = Directory.CreateTempSubdirectory("fastgate-kill-").FullName;
        List<Said> safe = [];
        int recent = 0;
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                (List<Said> finished, int killedAt) = await LoadAndKillAsync(directory, round, SafeAfter + 5 + random.Next(45));
                List<Said> promised = [.. finished.Where(said => killedAt - said.StoppedAt > SafeAfter)];
                Assert.NotEmpty(promised);
                safe.AddRange(promised);
                recent += finished.Count - promised.Count;

                string database = Path.Combine(directory, "data", "fastgate.db");
                AssertContains(StoredTurns.Read(database), promised, round);
                Assert.Equal("ok", StoredTurns.Check(database));
            }

            // Later rounds lost no turn of an earlier round, and the server opens the database.
            AssertContains(StoredTurns.Read(Path.Combine(directory, "data", "fastgate.db")), safe, rounds);
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([], directory);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "after");
            await device.SayAsync("still here");
            Assert.DoesNotContain("set aside", gateway.Log, StringComparison.Ordinal);
            Assert.Equal(0, await gateway.TerminateAsync());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        output.WriteLine($"{rounds} kills; {safe.Count} turns checked, {recent} too recent to check");
    }

    private static async Task<(List<Said> Finished, int KilledAt)> LoadAndKillAsync(string directory, int round, int after)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync([], directory);
        ConcurrentQueue<Said> finished = new();
        StrongBox<int> ticks = new();
        Task[] talkers = [.. Enumerable.Range(0, Devices).Select(i => TalkAsync(gateway, $"killed{i}", round, finished, ticks))];
        await Eventually.TrueAsync(() => finished.Count >= Devices);

        // The kill time is the subject of the test: random by seed.
        using HttpClient http = new();
        using PeriodicTimer timer = new(s_tick);
        while (ticks.Value < after)
        {
            await timer.WaitForNextTickAsync();
            await http.GetStringAsync(gateway.HttpUri("/health/live"));
            Interlocked.Increment(ref ticks.Value);
        }

        int killedAt = ticks.Value;
        await gateway.KillAsync();
        await Task.WhenAll(talkers);
        return ([.. finished], killedAt);
    }

    private static async Task TalkAsync(GatewayProcess gateway, string id, int round, ConcurrentQueue<Said> finished, StrongBox<int> ticks)
    {
        try
        {
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, id);
            for (int i = 0; ; i++)
            {
                string words = string.Create(CultureInfo.InvariantCulture, $"{id} round {round} turn {i}。");
                IReadOnlyList<JsonObject> turn = await device.SayAsync(words);
                finished.Enqueue(new Said(id, words, Volatile.Read(ref ticks.Value)));
                Assert.Equal([words], turn.Sentences());
            }
        }
        catch (Exception exception) when (exception is System.Net.WebSockets.WebSocketException or InvalidOperationException)
        {
            // The server was killed.
        }
    }

    private static void AssertContains(ILookup<string, (string User, string Assistant)> kept, List<Said> promised, int round)
    {
        var words = kept.ToDictionary(
            static device => device.Key, static device => device.Where(static turn => turn.User == turn.Assistant).Select(static turn => turn.User).ToHashSet());
        List<Said> lost = [.. promised.Where(said => !words.TryGetValue(said.Device, out HashSet<string>? of) || !of.Contains(said.Words))];
        Assert.True(lost.Count == 0, $"Round {round}: {lost.Count} of {promised.Count} turns are lost, the first is '{lost.FirstOrDefault()?.Words}'.");
    }

    private sealed record Said(string Device, string Words, int StoppedAt);
}
