using FastGate.Memory;
using FastGate.Memory.Sqlite;

namespace FastGate.Tests.Memory.Sqlite;

/// <summary>
/// A disk that is read-only, full, broken or slow below SQLite: conversations are answered from memory, and what was said meanwhile is saved once the disk
/// works. <see cref="SqliteFailureTests"/> has the failures that need no system call to fail.
/// </summary>
public sealed class SqliteDiskFaultTests : IDisposable
{
    private static readonly string[] s_all = ["before", "meanwhile", "meanwhile too", "afterwards"];

    private readonly TemporaryDatabase _database = new();
    private readonly DiskFaults _disk;

    public SqliteDiskFaultTests() => _disk = new DiskFaults(Path.GetDirectoryName(_database.Path)!);

    [Theory]
    [InlineData("file", ".db", DiskFaults.AccessDenied)]
    [InlineData("folder: no log", "-wal", DiskFaults.AccessDenied)]
    [InlineData("folder: no index of the log", "-shm", DiskFaults.AccessDenied)]
    [InlineData("file system", "", DiskFaults.ReadOnlyFileSystem)]
    public async Task A_read_only_disk_at_the_start_delays_saves_and_loses_none(string what, string suffix, int error)
    {
        await using (var before = new TestMemory(_database.Store()))
        {
            before.Say("a", s_all[0]);
            await before.FlushAsync();
        }

        _disk.FailOpening(error, suffix);
        await using var memory = new TestMemory(_database.Store());
        memory.Say("a", s_all[1]);
        await memory.Log.Logged(4001);
        Assert.True(memory.Writer.Health.Degraded, what);
        memory.Say("a", s_all[2]);
        Assert.Equal(s_all[1..3], (await memory.WordsAsync("a"))[^2..]);
        await RepairedAsync(memory);
    }

    [Theory]
    [InlineData(DiskFaults.ReadOnlyFileSystem, MemoryFailure.DiskError)]
    [InlineData(DiskFaults.InputOutput, MemoryFailure.DiskError)]
    [InlineData(DiskFaults.Quota, MemoryFailure.DiskError)]
    [InlineData(DiskFaults.NoSpace, MemoryFailure.Full)]
    public async Task Writes_that_fail_while_open_delay_saves_and_lose_none(int error, object failure)
    {
        await using var memory = new TestMemory(_database.Store());
        memory.Say("a", s_all[0]);
        await memory.FlushAsync();
        _disk.FailOpening(error);
        _disk.FailWriting(error);
        memory.Say("a", s_all[1]);
        await memory.Log.Logged(4001);
        Assert.Contains($"{failure}", memory.Log.WithId(4001).Single().Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        memory.Say("a", s_all[2]);
        Assert.Equal(s_all[1..3], (await memory.WordsAsync("a"))[^2..]);
        await RepairedAsync(memory);
    }

    [Fact]
    public async Task A_slow_disk_delays_no_conversation_and_its_queue_is_bounded()
    {
        await using var memory = new TestMemory(_database.Store(), new MemoryLimits { Pending = 3, GroupWindow = TimeSpan.Zero });
        memory.Say("a", s_all[0]);
        await memory.FlushAsync();
        _disk.HoldWrites();
        memory.Say("a", s_all[1]);
        await _disk.Waits.WaitAsync(TestMemory.Timeout);
        memory.Say("a", s_all[2]);
        memory.Say("a", s_all[3]);
        Assert.False(memory.Writer.TryAppend(memory.Exchange("a", "one too many")));
        Assert.Equal(s_all, await memory.WordsAsync("a"));
        Assert.Equal(3, memory.Writer.Status.Pending);
        _disk.Repair();
        await memory.FlushAsync();
        Assert.Equal(s_all, Stored());
        Assert.Equal(0, memory.Writer.Status.Pending);
    }

    public void Dispose()
    {
        _disk.Dispose();
        _database.Dispose();
    }

    private async Task RepairedAsync(TestMemory memory)
    {
        _disk.Repair();
        memory.Say("a", s_all[3]);
        await memory.FlushAsync();
        await memory.Log.Logged(4002);
        Assert.False(memory.Writer.Health.Degraded);
        Assert.Equal(1, memory.Log.Count(4001));
        Assert.Equal(s_all, Stored());
        Assert.Equal(s_all, await memory.WordsAsync("a"));
        Assert.Empty(_database.MovedAside);
    }

    private string[] Stored()
    {
        using SqliteMemoryStore store = _database.Store();
        store.Open();
        return [.. store.Load("a", 100).Exchanges.Select(static exchange => exchange.User)];
    }
}
