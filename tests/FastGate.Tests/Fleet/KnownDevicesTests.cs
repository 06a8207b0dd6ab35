using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Fleet;

public sealed class KnownDevicesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-known-").FullName;
    private readonly RecordingLogger<KnownDevicesTests> _log = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task First_client_of_a_device_is_kept_over_the_end_of_the_process()
    {
        string path = Path.Combine(_directory, "fastgate.db");
        var store = new SqliteFleetStore(path);
        var known = new KnownDevices(store, _time, _log);
        for (int device = 0; device < 50; device++)
        {
            known.Remember($"device-{device}", "first");
            known.Remember($"device-{device}", "second");
        }

        await Eventually.TrueAsync(() => store.LoadClients(100).Count == 50, "saved");
        var next = new KnownDevices(store, _time, _log);
        next.Load(store.LoadClients(KnownDevices.Capacity));

        Assert.Equal(50, next.Count);
        Assert.True(next.IsKnown("device-7", " FIRST"));
        Assert.False(next.IsKnown("device-7", "second"));
        Assert.DoesNotContain("first", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Activation_replaces_the_client_of_a_device()
    {
        var known = new KnownDevices(new FakeFleetStore(), _time, _log);
        known.Remember("aa:bb", "first");
        Assert.True(known.TryActivate("aa:bb", "second"));
        Assert.True(known.IsKnown("aa:bb", "second"));
        Assert.False(known.IsKnown("aa:bb", "first"));
    }

    [Fact]
    public void Invented_devices_cannot_push_out_a_known_one()
    {
        var known = new KnownDevices(new FakeFleetStore(), _time, _log);
        known.Remember("real", "c");
        for (int device = 0; device < KnownDevices.Capacity; device++)
        {
            known.Remember($"{device}", "c");
        }

        Assert.Equal(KnownDevices.Capacity, known.Count);
        Assert.True(known.IsKnown("real", "c"));
        Assert.False(known.TryActivate("one more", "c"));
        Assert.True(known.TryActivate("real", "d"));
    }

    [Fact]
    public async Task Device_is_known_while_the_database_fails_and_saved_when_it_works_again()
    {
        var store = new FakeFleetStore { Failure = new InvalidOperationException("a defect") };
        using var known = new KnownDevices(store, _time, _log);
        known.Remember("aa:bb", "c");
        await _time.TurnToNextAsync(TimeSpan.FromSeconds(30));
        await _time.NextDueInAsync(TimeSpan.FromSeconds(30));
        Assert.True(known.IsKnown("aa:bb", "c"));
        Assert.Equal(1, _log.Count(7664));
        Assert.Empty(store.Clients);

        store.Failure = null;
        _time.Turn(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => store.Clients.ContainsKey("aa:bb"), "saved");
        known.Remember("aa:cc", "c");
        await Eventually.TrueAsync(() => store.Clients.Count == 2, "the next one is saved at once");
    }

    [Fact]
    public async Task Client_that_waits_for_the_database_does_not_replace_that_of_an_activation()
    {
        var store = new FakeFleetStore { Failure = new MemoryStoreException(MemoryFailure.Unknown, "disk full") };
        using var known = new KnownDevices(store, _time, _log);
        known.Remember("aa:bb", "first");
        await _time.NextDueInAsync(TimeSpan.FromSeconds(30));
        store.Failure = null;
        Assert.True(known.TryActivate("aa:bb", "second"));
        long activated = store.Clients["aa:bb"];

        await known.FlushAsync();

        Assert.Equal(activated, store.Clients["aa:bb"]);
        Assert.True(known.IsKnown("aa:bb", "second"));
    }

    [Fact]
    public async Task Nothing_is_saved_after_the_end_because_another_process_may_use_the_database()
    {
        var store = new FakeFleetStore { Failure = new MemoryStoreException(MemoryFailure.Unknown, "disk full") };
        var known = new KnownDevices(store, _time, _log);
        known.Remember("aa:bb", "c");
        await _time.NextDueInAsync(TimeSpan.FromSeconds(30));
        known.Dispose();
        store.Failure = null;
        known.Remember("aa:cc", "c");
        await known.FlushAsync();

        Assert.Empty(store.Clients);
    }
}
