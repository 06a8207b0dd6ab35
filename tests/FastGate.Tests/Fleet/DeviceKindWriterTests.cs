using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Fleet;

/// <summary>Firmware and board of devices over the end of the process.</summary>
public sealed class DeviceKindWriterTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private static readonly MemoryStoreException s_full = new(MemoryFailure.Full, "planted");

    private readonly RecordingLogger<DeviceKindWriterTests> _log = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-kinds-").FullName;
    private readonly ManualTimeProvider _time = new();

    private string Database => Path.Combine(_directory, "fastgate.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Reports_are_known_to_the_next_process()
    {
        using FleetRecords before = Open();
        before.Profiles.Report("a", "1.0.0", "bread");
        before.Profiles.Report("b", null, "box");
        before.Profiles.Report("a", "1.1.0", null);
        DateTimeOffset reportedAt = _time.GetUtcNow();
        await before.Kinds.FlushAsync(s_limit);

        using FleetRecords after = Open();

        Assert.Equal(("1.1.0", "bread"), after.Profiles.FindKind("a"));
        Assert.Equal((null, "box"), after.Profiles.FindKind("b"));
        Assert.Equal(reportedAt, after.Profiles.Find("a")!.ReportedAt);
        Assert.Equal(0, after.Kinds.Waiting);
    }

    [Fact]
    public async Task Report_to_this_process_is_newer_than_what_was_saved()
    {
        using FleetRecords before = Open();
        before.Profiles.Report("a", "1.0.0", "bread");
        await before.Kinds.FlushAsync(s_limit);
        using var after = new FleetRecords(new SqliteFleetStore(Database), _time, _log);
        after.Profiles.Report("a", "2.0.0", null);

        after.TryLoadKinds();

        Assert.Equal("2.0.0", after.Profiles.FindKind("a").Firmware);
    }

    [Fact]
    public async Task Timer_saves_and_a_report_that_says_the_same_is_saved_once_a_day()
    {
        using FleetRecords records = Open();
        records.Profiles.Report("a", "1.0.0", "bread");
        Assert.Equal(1, records.Kinds.Waiting);

        await _time.TurnToNextAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(0, records.Kinds.Waiting);
        records.Profiles.Report("a", "1.0.0", "bread");
        records.Profiles.Report("a", "1.0.0", null);
        Assert.Equal(0, records.Kinds.Waiting);

        _time.Turn(TimeSpan.FromDays(1));
        records.Profiles.Report("a", "1.0.0", "bread");
        Assert.Equal(1, records.Kinds.Waiting);
    }

    [Fact]
    public async Task Failing_store_is_logged_once_and_gets_the_newest_reports_later()
    {
        var store = new FakeFleetStore { Failure = s_full };
        using var records = new FleetRecords(store, _time, _log);
        records.Profiles.Report("a", "1.0.0", null);
        await records.Kinds.FlushAsync(s_limit);
        records.Profiles.Report("a", "1.1.0", null);
        await records.Kinds.FlushAsync(s_limit);
        Assert.Equal((1, 1), (records.Kinds.Waiting, _log.Count(7470)));

        store.Failure = null;
        await records.Kinds.FlushAsync(s_limit);

        Assert.Equal("1.1.0", Assert.Single(store.Kinds).Firmware);
        Assert.Equal(0, records.Kinds.Waiting);
    }

    [Fact]
    public async Task Number_that_waits_and_number_that_is_kept_are_bounded()
    {
        var store = new FakeFleetStore { Failure = s_full };
        using var writer = new DeviceKindWriter(store, _time, _log);
        for (int i = 0; i < DeviceKindWriter.Capacity + 3; i++)
        {
            writer.Add(Kind($"d{i}", i));
        }

        Assert.Equal((DeviceKindWriter.Capacity, 3L), (writer.Waiting, writer.Dropped));
        store.Failure = null;
        await writer.FlushAsync(s_limit);
        Assert.Equal(DeviceKindWriter.Capacity, store.Kinds.Count);
    }

    [Fact]
    public void Devices_with_the_oldest_reports_are_deleted()
    {
        var store = new SqliteFleetStore(Database);
        store.SaveKinds([Kind("a", 1), Kind("b", 5), Kind("c", 3)], 3);
        store.SaveKinds([Kind("d", 4), Kind("b", 6)], 3);

        Assert.Equal(["c", "d", "b"], store.LoadKinds(10).Select(static kind => kind.DeviceId));
        Assert.Equal(["d", "b"], store.LoadKinds(2).Select(static kind => kind.DeviceId));
    }

    [Fact]
    public void File_that_is_no_database_is_reported_and_the_server_runs_without()
    {
        File.WriteAllText(Database, new string('x', 10_000));

        using FleetRecords records = Open();

        Assert.Equal(1, _log.Count(7471));
        Assert.Equal(0, records.Profiles.Count);
    }

    private static DeviceKind Kind(string id, int at) => new(id, "1.0.0", null, DateTimeOffset.UnixEpoch.AddSeconds(at));

    private FleetRecords Open()
    {
        var records = new FleetRecords(new SqliteFleetStore(Database), _time, _log);
        records.TryLoadKinds();
        return records;
    }
}
