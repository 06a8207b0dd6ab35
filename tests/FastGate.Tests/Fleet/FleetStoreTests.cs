using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Memory.Sqlite;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Fleet;

/// <summary>Bans and tags in the database of the memory.</summary>
public sealed class FleetStoreTests : IDisposable
{
    private static readonly RecordingLogger<FleetStoreTests> s_log = new();

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-fleet-").FullName;
    private readonly ManualTimeProvider _time = new();

    private string Database => Path.Combine(_directory, "data", "fastgate.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Records_are_there_after_the_end_of_the_process_and_removed_ones_are_not()
    {
        FleetRecords before = Open();
        Assert.True(AddressRange.TryParse("10.0.0.0/8", out AddressRange range));
        Ban device = before.Bans.Add("aa:bb", null, TimeSpan.FromMinutes(5), "noisy")!;
        Ban address = before.Bans.Add(null, range, null, null)!;
        before.Bans.Remove(before.Bans.Add("gone", null, null, null)!.Id);
        before.Tags.Set("aa:bb", ["hall", "测试"]);
        before.Tags.Set("cc:dd", ["x"]);
        before.Tags.Set("cc:dd", []);

        FleetRecords after = Open();

        Assert.True(after.IsDurable);
        Assert.Equal([device, address], after.Bans.After(0));
        Assert.Equal(["hall", "测试"], after.Tags.Find("aa:bb"));
        Assert.Empty(after.Tags.Find("cc:dd"));
        Assert.Equal(1, after.Tags.Count);
    }

    [Fact]
    public void Loading_creates_no_database()
    {
        Assert.Equal(0, Open().Bans.Count);
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public void Memory_and_records_share_one_file()
    {
        using var memory = new SqliteMemoryStore(Database, NullLogger<SqliteMemoryStore>.Instance, _time);
        memory.Open();
        FleetRecords records = Open();
        records.Bans.Add("aa:bb", null, null, null);
        memory.Append([new StoredExchange(1, "aa:bb", "s", DateTimeOffset.UnixEpoch, "q", "a")]);
        records.Tags.Set("aa:bb", ["x"]);

        Assert.Equal(1, Open().Bans.Count);
        Assert.Equal(1, memory.Erase("aa:bb"));
    }

    [Fact]
    public void File_that_is_no_database_is_reported_and_the_server_runs_without()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Database)!);
        File.WriteAllText(Database, new string('x', 10_000));

        FleetRecords records = Open();

        Assert.Equal(0, records.Bans.Count);
        Assert.NotEqual(0, s_log.Count(7302));
        Assert.Equal(MemoryFailure.Corrupt, Assert.Throws<MemoryStoreException>(() => records.Tags.Set("a", ["x"])).Failure);
        Assert.Empty(records.Tags.Find("a"));
    }

    private FleetRecords Open()
    {
        var records = new FleetRecords(new SqliteFleetStore(Database), _time, s_log);
        records.TryLoad();
        records.TryLoadKinds();
        return records;
    }
}
