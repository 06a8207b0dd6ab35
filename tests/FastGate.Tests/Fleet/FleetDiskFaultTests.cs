using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Testing.Conversation;
using FastGate.Tests.Memory;
using FastGate.Tests.Memory.Sqlite;
using FastGate.Tests.Transport;
using Microsoft.Data.Sqlite;

namespace FastGate.Tests.Fleet;

/// <summary>
/// A disk that is full, read-only, broken, locked or slow below the records of the fleet. An act of the operator fails and changes nothing; what devices report is
/// kept and saved when the disk works. <see cref="FleetStoreTests"/> has the file that is no database.
/// </summary>
public sealed class FleetDiskFaultTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly RecordingLogger<FleetDiskFaultTests> _log = new();
    private readonly ManualTimeProvider _time = new();
    private readonly TemporaryDatabase _database = new();
    private readonly DiskFaults _disk;
    private readonly FleetRecords _records;

    public FleetDiskFaultTests()
    {
        _disk = new DiskFaults(Path.GetDirectoryName(_database.Path)!);
        _records = Open();
        _records.Bans.Add("before", null, null, null);
        _records.Tags.Set("before", ["hall"]);
        Assert.True(_records.Known.TryActivate("before", "client"));
    }

    public void Dispose()
    {
        _records.Dispose();
        _disk.Dispose();
        _database.Dispose();
    }

    [Theory]
    [InlineData(DiskFaults.AccessDenied, "ReadOnly")]
    [InlineData(DiskFaults.ReadOnlyFileSystem, "DiskError")]
    [InlineData(DiskFaults.InputOutput, "DiskError")]
    [InlineData(DiskFaults.Quota, "DiskError")]
    [InlineData(DiskFaults.NoSpace, "DiskError")]
    public async Task Writes_that_fail_change_nothing_and_lose_no_report(int error, string failure)
    {
        if (error == DiskFaults.AccessDenied)
        {
            _disk.FailOpening(error);
        }

        _disk.FailWriting(error);
        AssertActsFail(failure);
        await ReportAsync();

        _disk.Repair();
        await AssertSavedAsync();
    }

    [Fact]
    public async Task Database_that_another_process_locks_changes_nothing_and_loses_no_report()
    {
        using (SqliteConnection other = _database.Connect())
        {
            Execute(other, "BEGIN IMMEDIATE");
            AssertActsFail("Locked");
            await ReportAsync();
            Execute(other, "ROLLBACK");
        }

        await AssertSavedAsync();
    }

    [Fact]
    public async Task Slow_disk_delays_no_report_of_a_device()
    {
        _disk.HoldWrites();
        _records.Known.Remember("device", "client");
        await _disk.Waits.WaitAsync(s_limit);
        _records.Known.Remember("another", "client");
        _records.Profiles.Report("device", "1.0.0", "bread");
        Assert.True(_records.Known.IsKnown("another", "client"));
        Assert.Equal(1, _records.Kinds.Waiting);

        _disk.Repair();
        await AssertSavedAsync();
    }

    private void AssertActsFail(string failure)
    {
        Action[] acts =
        [
            () => _records.Bans.Add("meanwhile", null, null, null),
            () => _records.Bans.Remove(_records.Bans.Find("before")!.Id),
            () => _records.Tags.Set("meanwhile", ["x"]),
            () => _records.Known.TryActivate("meanwhile", "client"),
        ];
        Assert.All(acts, act => Assert.Equal(failure, Assert.Throws<MemoryStoreException>(act).Failure.ToString()));
        Assert.Equal(1, _records.Bans.Count);
        Assert.NotNull(_records.Bans.Find("before"));
        Assert.Empty(_records.Tags.Find("meanwhile"));
        Assert.False(_records.Known.IsKnown("meanwhile", "client"));
    }

    /// <summary>A device gets a token by OTA and reports its kind.</summary>
    private async Task ReportAsync()
    {
        _records.Known.Remember("device", "client");
        _records.Profiles.Report("device", "1.0.0", "bread");
        await _log.Logged(7664);
        await _records.FlushAsync(s_limit);
        Assert.True(_records.Known.IsKnown("device", "client"));
        Assert.Equal(1, _records.Kinds.Waiting);
    }

    private async Task AssertSavedAsync()
    {
        await _records.FlushAsync(s_limit);
        _records.Tags.Set("after", ["y"]);
        using FleetRecords next = Open();
        await Eventually.TrueAsync(() => new SqliteFleetStore(_database.Path).LoadClients(10).Any(static known => known.Key == "device"), "saved");
        Assert.Equal(("1.0.0", "bread"), next.Profiles.FindKind("device"));
        Assert.Equal("before", Assert.Single(next.Bans.After(0)).Device);
        Assert.Equal(["y"], next.Tags.Find("after"));
        Assert.Equal(["hall"], next.Tags.Find("before"));
        Assert.Equal(0, _records.Kinds.Waiting);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private FleetRecords Open()
    {
        var records = new FleetRecords(new SqliteFleetStore(_database.Path, lockTimeoutSeconds: 1), _time, _log);
        records.TryLoad();
        records.TryLoadKinds();
        return records;
    }
}
