using System.Text;
using FastGate.Registry;

namespace FastGate.Tests.Registry;

public sealed class ConnectionRegistryTests
{
    private readonly ConnectionRegistry<RegisteredConnection> _registry = new(100, replace: true);

    [Fact]
    public void A_registered_connection_is_found_by_its_id_until_it_is_removed()
    {
        var connection = new RegisteredConnection("aa:bb:cc:dd:ee:ff");
        Assert.Null(_registry.Find("aa:bb:cc:dd:ee:ff"));

        Assert.Equal(RegistrationResult.Added, _registry.Register(connection, out RegisteredConnection? displaced));
        Assert.Null(displaced);
        Assert.Same(connection, _registry.Find("aa:bb:cc:dd:ee:ff"));
        Assert.Null(_registry.Find("aa:bb:cc:dd:ee:fe"));
        Assert.Equal(1, _registry.Count);

        Assert.True(_registry.Remove(connection));
        Assert.Null(_registry.Find("aa:bb:cc:dd:ee:ff"));
        Assert.Equal(0, _registry.Count);
    }

    [Fact]
    public void A_new_connection_replaces_the_older_one_and_returns_it()
    {
        var old = new RegisteredConnection("device");
        var newest = new RegisteredConnection("device");
        _registry.Register(old, out _);

        Assert.Equal(RegistrationResult.Replaced, _registry.Register(newest, out RegisteredConnection? displaced));
        Assert.Same(old, displaced);
        Assert.Same(newest, _registry.Find("device"));
        Assert.Equal(1, _registry.Count);
    }

    [Fact]
    public void Remove_removes_only_the_given_connection_and_only_once()
    {
        var old = new RegisteredConnection("device");
        var newest = new RegisteredConnection("device");
        _registry.Register(old, out _);
        _registry.Register(newest, out _);

        Assert.False(_registry.Remove(old));
        Assert.Same(newest, _registry.Find("device"));
        Assert.True(_registry.Remove(newest));
        Assert.False(_registry.Remove(newest));
        Assert.Equal(0, _registry.Count);
    }

    [Fact]
    public void Without_replace_the_first_connection_stays()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(1, replace: false);
        var first = new RegisteredConnection("device");
        registry.Register(first, out _);

        Assert.Equal(RegistrationResult.Rejected, registry.Register(new RegisteredConnection("device"), out RegisteredConnection? displaced));
        Assert.Null(displaced);
        Assert.Same(first, registry.Find("device"));
        Assert.Equal(1, registry.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Registering_the_same_connection_again_changes_nothing(bool replace)
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(1, replace);
        var connection = new RegisteredConnection("device");
        registry.Register(connection, out _);

        Assert.Equal(RegistrationResult.Added, registry.Register(connection, out RegisteredConnection? displaced));
        Assert.Null(displaced);
        Assert.Equal(1, registry.Count);
    }

    [Fact]
    public void A_full_registry_refuses_new_devices_replaces_known_ones_and_accepts_again_after_a_removal()
    {
        RegisteredConnection[] connections = [.. Enumerable.Range(0, 100).Select(i => new RegisteredConnection($"device-{i}"))];
        Assert.All(connections, connection => Assert.Equal(RegistrationResult.Added, _registry.Register(connection, out _)));

        var additional = new RegisteredConnection("additional");
        Assert.Equal(RegistrationResult.Full, _registry.Register(additional, out RegisteredConnection? displaced));
        Assert.Null(displaced);
        Assert.Null(_registry.Find("additional"));
        Assert.False(_registry.Remove(additional));
        Assert.Equal(100, _registry.Count);

        Assert.Equal(RegistrationResult.Replaced, _registry.Register(new RegisteredConnection("device-7"), out _));
        Assert.True(_registry.Remove(connections[8]));
        Assert.Equal(RegistrationResult.Added, _registry.Register(additional, out _));
        Assert.Equal(100, _registry.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    [InlineData("aa:bb:cc:dd:ee:ff")]
    [InlineData("00000000-0000-0000-0000-000000000001")]
    [InlineData("auto-1a2b3c4d")]
    [InlineData("设备-01")]
    [InlineData("\u00e9\U0001F600")]
    public void An_id_is_found_by_its_characters_and_by_its_utf8(string id)
    {
        var connection = new RegisteredConnection(id);
        _registry.Register(connection, out _);

        Assert.Same(connection, _registry.Find(id));
        Assert.Same(connection, _registry.Find($"x{id}x".AsSpan(1, id.Length)));
        Assert.Same(connection, _registry.Find(Encoding.UTF8.GetBytes(id)));
        Assert.Null(_registry.Find(Encoding.UTF8.GetBytes(id + "x")));
    }

    [Fact]
    public void Utf8_of_any_length_is_looked_up_and_invalid_utf8_is_not_found()
    {
        foreach (int length in new[] { 127, 128, 129, 255, 256, 257, 1000 })
        {
            var connection = new RegisteredConnection(new string('\u8bbe', length));
            _registry.Register(connection, out _);
            Assert.Same(connection, _registry.Find(Encoding.UTF8.GetBytes(connection.DeviceId)));
        }

        _registry.Register(new RegisteredConnection("\uFFFD"), out _);
        Assert.Null(_registry.Find(new byte[] { 0xff }));
        Assert.Null(_registry.Find([.. new byte[300], 0xff]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_capacity_below_one_is_invalid(int capacity) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new ConnectionRegistry<RegisteredConnection>(capacity, replace: true));

    [Fact]
    public void A_registration_allocates_one_node_and_a_lookup_nothing()
    {
        var connection = new RegisteredConnection("aa:bb:cc:dd:ee:ff");
        byte[] utf8 = Encoding.UTF8.GetBytes(connection.DeviceId);
        long Allocated(Action action)
        {
            action();
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(48, Allocated(() =>
        {
            _registry.Remove(connection);
            _registry.Register(connection, out _);
        }));
        Assert.Equal(0, Allocated(() =>
        {
            Assert.NotNull(_registry.Find("aa:bb:cc:dd:ee:ff"));
            Assert.NotNull(_registry.Find(utf8));
            Assert.Null(_registry.Find("another device"));
            foreach (RegisteredConnection enumerated in _registry)
            {
                Assert.Same(connection, enumerated);
            }
        }));
    }
}
