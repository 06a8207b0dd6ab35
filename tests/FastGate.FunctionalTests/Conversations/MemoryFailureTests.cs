using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;
using Microsoft.Data.Sqlite;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Database failures do not affect conversations: turns wait in memory and are saved later.</summary>
public sealed class MemoryFailureTests
{
    private const int Turns = 12;

    [Fact]
    public async Task Locked_database_delays_saving_and_loses_no_turn()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) => LlmReply.Says($"re {request.LastUser}。"));
        await using (DeviceClient before = await DeviceClient.ConnectAsync(talk.Gateway, "early"))
        {
            await before.SayAsync("kept before");
            await Eventually.TrueAsync(() => StoredTurns.Read(talk.Gateway.DatabasePath)["early"].Any());
        }

        using (SqliteConnection locker = Lock(talk))
        {
            await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "talker");
            for (int i = 0; i < Turns; i++)
            {
                Assert.Equal([$"re turn {i}。"], (await device.SayAsync($"turn {i}")).Sentences());
            }

            await Eventually.TrueAsync(async () => (await ReasonsAsync(talk)).Any(static reason => reason.StartsWith("memory: Locked", StringComparison.Ordinal)));
            using HttpClient http = new();
            using HttpResponseMessage ready = await http.GetAsync(talk.Gateway.HttpUri("/health/ready"));
            Assert.True(ready.IsSuccessStatusCode, "not ready while saving is delayed");
            Assert.Contains("memory: Locked", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(1, await talk.Admin.MetricAsync("fastgate_memory_degraded"));

            // Saving is retried; the failure is logged once.
            await Eventually.TrueAsync(async () => await talk.Admin.MetricAsync("fastgate_memory_failures_total") >= 3);
            await Eventually.TrueAsync(() => LinesWith(talk, "Saving memory failed") > 0);
            Assert.Equal(1, LinesWith(talk, "Saving memory failed"));

            // Unsaved turns are part of the history, also after a reconnect.
            device.Drop();
            await using DeviceClient again = await DeviceClient.ConnectAsync(talk.Gateway, "talker");
            await again.SayAsync("what did I say?");
            Assert.Contains($"turn {Turns - 1}", LastRequest(talk, "what did I say?").Texts("user"));
            Assert.Empty(StoredTurns.Read(talk.Gateway.DatabasePath)["talker"]);
            Unlock(locker);
        }

        await Eventually.TrueAsync(() => StoredTurns.Read(talk.Gateway.DatabasePath)["talker"].Count() == Turns + 1);
        Assert.Equal(
            Enumerable.Range(0, Turns).Select(static i => $"turn {i}").Append("what did I say?"),
            StoredTurns.Read(talk.Gateway.DatabasePath)["talker"].Select(static turn => turn.User));
        await Eventually.TrueAsync(async () => (await ReasonsAsync(talk)).Count == 0);
        await Eventually.TrueAsync(() => LinesWith(talk, "Memory is saved again") > 0);
        Assert.Equal(1, LinesWith(talk, "Saving memory failed"));
    }

    [Fact]
    public async Task Erasure_while_locked_also_removes_unsaved_turns()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) => LlmReply.Says($"re {request.LastUser}。"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "forgotten");
        await using DeviceClient other = await DeviceClient.ConnectAsync(talk.Gateway, "other");
        await device.SayAsync("on disk");
        await Eventually.TrueAsync(() => StoredTurns.Read(talk.Gateway.DatabasePath)["forgotten"].Any());
        Task<HttpResponseMessage> erasing;
        using HttpClient http = new();
        using (SqliteConnection locker = Lock(talk))
        {
            await device.SayAsync("waiting");
            await other.SayAsync("not mine to forget");
            erasing = http.DeleteAsync(talk.Gateway.AdminUri("/api/v1/devices/forgotten/memory"));
            await Eventually.TrueAsync(async () => await talk.Admin.MetricAsync("fastgate_memory_degraded") == 1);
            Unlock(locker);
        }

        using HttpResponseMessage erased = await erasing.WaitAsync(Deadline.Hang);
        if (!erased.IsSuccessStatusCode)
        {
            // The request may time out while the store is locked; retry it.
            using HttpResponseMessage second = await http.DeleteAsync(talk.Gateway.AdminUri("/api/v1/devices/forgotten/memory"));
            Assert.True(second.IsSuccessStatusCode, talk.Gateway.Log);
        }

        Assert.Equal("", (await talk.Admin.MemoryAsync("forgotten")).Replace("forgotten", "", StringComparison.Ordinal));
        Assert.Empty(StoredTurns.Read(talk.Gateway.DatabasePath)["forgotten"]);
        await Eventually.TrueAsync(() => StoredTurns.Read(talk.Gateway.DatabasePath)["other"].Count() == 1);
    }

    [Fact]
    public async Task Corrupt_database_is_set_aside_and_a_new_one_is_created()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-corrupt-").FullName;
        try
        {
            byte[] garbage = [.. Enumerable.Range(0, 50_000).Select(static i => (byte)(i * 31))];
            Directory.CreateDirectory(Path.Combine(directory, "data"));
            await File.WriteAllBytesAsync(Path.Combine(directory, "data", "fastgate.db"), garbage);
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([], directory);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "fresh");
            Assert.Equal(["hello。"], (await device.SayAsync("hello。")).Sentences());
            await Eventually.TrueAsync(() => gateway.Log.Contains("is set aside as", StringComparison.Ordinal));
            await Eventually.TrueAsync(() => StoredTurns.Read(gateway.DatabasePath)["fresh"].Any());
            string aside = Assert.Single(Directory.GetFiles(Path.Combine(directory, "data")), path => new FileInfo(path).Length == garbage.Length);
            Assert.Equal(garbage, await File.ReadAllBytesAsync(aside));
            Assert.Equal(0, await gateway.TerminateAsync());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task History_is_complete_after_an_immediate_reconnect()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) => LlmReply.Says($"re {request.LastUser}。"));
        for (int i = 0; i < 20; i++)
        {
            DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "returning");
            await device.SayAsync($"visit {i}");
            FakeLlmRequest request = LastRequest(talk, $"visit {i}");
            Assert.Equal(Enumerable.Range(0, i + 1).Select(static n => $"visit {n}"), request.Texts("user"));
            Assert.Equal(Enumerable.Range(0, i).Select(static n => $"re visit {n}。"), request.Texts("assistant"));
            device.Drop();
            await device.DisposeAsync();
        }
    }

    private static SqliteConnection Lock(ConversationGateway talk)
    {
        SqliteConnection connection = StoredTurns.Open(talk.Gateway.DatabasePath, SqliteOpenMode.ReadWrite);
        Execute(connection, "BEGIN IMMEDIATE");
        return connection;
    }

    private static void Unlock(SqliteConnection connection) => Execute(connection, "ROLLBACK");

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the two above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static FakeLlmRequest LastRequest(ConversationGateway talk, string said) => talk.Llm.Received.Last(request => request.LastUser == said);

    private static int LinesWith(ConversationGateway talk, string text) =>
        talk.Gateway.Log.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    private static async Task<IReadOnlyList<string>> ReasonsAsync(ConversationGateway talk) =>
        [.. (await talk.Admin.StatusAsync())["reasons"]!.AsArray().Select(static reason => (string)reason!)];
}
