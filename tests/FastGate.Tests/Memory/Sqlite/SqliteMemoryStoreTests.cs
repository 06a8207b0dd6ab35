using FastGate.Memory;
using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace FastGate.Tests.Memory.Sqlite;

/// <summary>What only the store in a file does; <see cref="Stores.MemoryStoreTests"/> have the rest.</summary>
public sealed class SqliteMemoryStoreTests
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);

    [Fact]
    public void Other_processes_read_the_file_while_it_is_open()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([Exchange(1, "a")]);
        using SqliteConnection other = database.Connect();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "SELECT typeof(user)||' '||typeof(assistant)||' '||user FROM turns";
        Assert.Equal("text text user 1", command.ExecuteScalar());
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
        command.CommandText = "EXPLAIN QUERY PLAN SELECT id FROM turns WHERE device_id='a' ORDER BY id DESC LIMIT 5";
        using SqliteDataReader plan = command.ExecuteReader();
        Assert.True(plan.Read());
        Assert.Contains("turns_by_device", plan.GetString(3), StringComparison.Ordinal);
        Assert.False(plan.Read());
    }

    [Fact]
    public void Erased_content_is_in_no_file()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([new StoredExchange(1, "a", "s", s_at, "an unmistakable secret", "-"), Exchange(2, "b")]);
        Assert.Contains(Files(database), bytes => bytes.AsSpan().IndexOf("unmistakable"u8) >= 0);
        store.Erase("a");
        Assert.DoesNotContain(Files(database), bytes => bytes.AsSpan().IndexOf("unmistakable"u8) >= 0);
    }

    private static StoredExchange Exchange(long id, string deviceId) => new(id, deviceId, "session", s_at, $"user {id}", $"assistant {id}");

    private static IEnumerable<byte[]> Files(TemporaryDatabase database) =>
        Directory.GetFiles(Path.GetDirectoryName(database.Path)!).Select(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
}
