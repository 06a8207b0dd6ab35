using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;
using FastGate.Testing.Postgres;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Two servers with one PostgreSQL database.</summary>
public sealed class SharedMemoryTests
{
    [RequiresProgramFact(RequiredProgram.Postgres)]
    public async Task A_device_keeps_its_memory_between_servers_while_the_database_is_away_and_when_it_is_erased_elsewhere()
    {
        using var database = PostgresServer.Start();
        string[] options = ["--FastGate:Memory:Provider=postgres", $"--FastGate:Memory:ConnectionString={database.ConnectionString}"];
        await using ConversationGateway first = await ConversationGateway.StartAsync(static (_, request) => LlmReply.Says($"re {request.LastUser}。"), options);
        await using ConversationGateway second = await ConversationGateway.StartAsync(static (_, request) => LlmReply.Says($"re {request.LastUser}。"), options);

        // The device leaves the first server and comes to the second one at once. It has its last turn by its second one there.
        DeviceClient before = await DeviceClient.ConnectAsync(first.Gateway, "mover");
        await before.SayAsync("at the first");
        before.Drop();
        await before.DisposeAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(second.Gateway, "mover");
        await device.SayAsync("at the second");
        await Eventually.TrueAsync(async () =>
        {
            await device.SayAsync("again");
            return Last(second).Texts("user").Take(2).SequenceEqual(["at the first", "at the second"]);
        });

        // It talks on while the database is away, with what the server has.
        database.Stop();
        await Eventually.TrueAsync(async () => await second.Admin.MetricAsync("fastgate_memory_degraded") == 1);
        await device.SayAsync("without a database");
        Assert.Contains("at the first", Last(second).Texts("user"));
        Assert.Contains("memory: CannotOpen", (await second.Admin.StatusAsync())["reasons"]!.ToJsonString(), StringComparison.Ordinal);
        database.Resume();
        await Eventually.TrueAsync(async () => (await first.Admin.MemoryAsync("mover")).Contains("without a database", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => await second.Admin.MetricAsync("fastgate_memory_degraded") == 0);

        // Erased at the first server, it is forgotten at the second one in the conversation in progress.
        using HttpClient http = new();
        using HttpResponseMessage erased = await http.DeleteAsync(first.Gateway.AdminUri("/api/v1/devices/mover/memory"));
        Assert.True(erased.IsSuccessStatusCode, first.Gateway.Log);
        await Eventually.TrueAsync(async () =>
        {
            await device.SayAsync("do you remember?");
            return Last(second).Texts("user").All(static words => words == "do you remember?");
        });
        Assert.DoesNotContain("at the first", await first.Admin.MemoryAsync("mover"), StringComparison.Ordinal);
        Assert.Equal(0, await first.Gateway.TerminateAsync());
        Assert.Equal(0, await second.Gateway.TerminateAsync());
    }

    private static FakeLlmRequest Last(ConversationGateway talk) => talk.Llm.Received.Last();
}
