using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Fleet;

public sealed class KnownDevicesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-known-").FullName;
    private readonly RecordingLogger<KnownDevicesTests> _log = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task First_client_of_a_device_is_kept_over_the_end_of_the_process()
    {
        string path = Path.Combine(_directory, "fastgate.db");
        var store = new SqliteFleetStore(path);
        var known = new KnownDevices(store, _log);
        for (int device = 0; device < 50; device++)
        {
            known.Remember($"device-{device}", "first");
            known.Remember($"device-{device}", "second");
        }

        await Eventually.TrueAsync(() => store.LoadClients(100).Count == 50, "saved");
        var next = new KnownDevices(store, _log);
        next.Load(store.LoadClients(KnownDevices.Capacity));

        Assert.Equal(50, next.Count);
        Assert.True(next.IsKnown("device-7", " FIRST"));
        Assert.False(next.IsKnown("device-7", "second"));
        Assert.DoesNotContain("first", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Activation_replaces_the_client_of_a_device()
    {
        var known = new KnownDevices(new FakeFleetStore(), _log);
        known.Remember("aa:bb", "first");
        Assert.True(known.TryActivate("aa:bb", "second"));
        Assert.True(known.IsKnown("aa:bb", "second"));
        Assert.False(known.IsKnown("aa:bb", "first"));
    }

    [Fact]
    public void Invented_devices_cannot_push_out_a_known_one()
    {
        var known = new KnownDevices(new FakeFleetStore(), _log);
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
    public async Task Device_is_known_until_the_process_ends_when_the_database_fails()
    {
        var store = new FakeFleetStore { Failure = new MemoryStoreException(MemoryFailure.Unknown, "disk full") };
        var known = new KnownDevices(store, _log);
        known.Remember("aa:bb", "c");
        await _log.Logged(7664);
        Assert.True(known.IsKnown("aa:bb", "c"));
    }
}
