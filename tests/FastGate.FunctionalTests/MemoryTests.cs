using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using Microsoft.Data.Sqlite;

namespace FastGate.FunctionalTests;

/// <summary>Conversations survive the end of the process.</summary>
public sealed class MemoryTests
{
    [Fact]
    public async Task Killed_server_keeps_the_finished_turns_of_each_device()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-memory-").FullName;
        try
        {
            await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], directory))
            {
                await using DeviceClient one = await DeviceClient.ConnectAsync(gateway, "one");
                await using DeviceClient two = await DeviceClient.ConnectAsync(gateway, "two");
                await one.HelloAsync();
                await two.HelloAsync();
                await one.SayAsync("我喜欢苹果");
                await two.SayAsync("我喜欢梨");

                // The file is readable while the server runs. The turn is written well before the promised second has passed.
                await Eventually.TrueAsync(() => StoredText(directory).Contains("我喜欢梨", StringComparison.Ordinal));
                await gateway.KillAsync();
            }

            Assert.Contains("我喜欢苹果", StoredText(directory), StringComparison.Ordinal);
            await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], directory))
            {
                using AdminClient admin = new(gateway);
                string one = await admin.MemoryAsync("one");
                Assert.Contains("我喜欢苹果", one, StringComparison.Ordinal);
                Assert.DoesNotContain("我喜欢梨", one, StringComparison.Ordinal);
                string two = await admin.MemoryAsync("two");
                Assert.Contains("我喜欢梨", two, StringComparison.Ordinal);
                Assert.DoesNotContain("我喜欢苹果", two, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Clean_stop_saves_the_turn_that_has_just_ended()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-memory-").FullName;
        try
        {
            await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], directory))
            {
                await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "last");
                await device.HelloAsync();
                await device.SayAsync("最后一句话");
                Assert.Equal(0, await gateway.TerminateAsync());
            }

            Assert.Contains("最后一句话", StoredText(directory), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Provider_none_stores_nothing()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Memory:Provider=none");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "forgotten");
        await device.HelloAsync();
        await device.SayAsync("忘了我");
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(Directory.GetFiles(gateway.WorkingDirectory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Device_memory_can_be_exported_and_erased()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "erased");
        await device.HelloAsync();
        await device.SayAsync("记住这句");
        await Eventually.ValueAsync(() => admin.MemoryAsync("erased"), static memory => memory.Contains("记住这句", StringComparison.Ordinal));
        using HttpClient http = new();
        using HttpResponseMessage reply = await http.DeleteAsync(gateway.AdminUri("/api/v1/devices/erased/memory"));
        Assert.True(reply.IsSuccessStatusCode);
        Assert.DoesNotContain("记住这句", await admin.MemoryAsync("erased"), StringComparison.Ordinal);
        Assert.DoesNotContain("记住这句", StoredText(gateway.WorkingDirectory), StringComparison.Ordinal);
    }

    /// <summary>Returns all text of all tables, so that the test does not depend on the schema.</summary>
    private static string StoredText(string workingDirectory)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(workingDirectory, "data", "fastgate.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        List<string> tables = [];
        foreach (object value in Rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table'"))
        {
            tables.Add((string)value);
        }

        return string.Join('\n', tables.SelectMany(table => Rows(connection, $"SELECT * FROM \"{table}\"")).OfType<string>());
    }

    private static List<object> Rows(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The only input is a table's name from the database itself.
        command.CommandText = query;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        List<object> values = [];
        while (reader.Read())
        {
            for (int column = 0; column < reader.FieldCount; column++)
            {
                values.Add(reader.GetValue(column));
            }
        }

        return values;
    }
}
