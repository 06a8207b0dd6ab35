using FastGate.Registry;

namespace FastGate.Tests.Registry;

public sealed class RegistryGrowthTests
{
    private const int Devices = 20_000;

    private readonly ConnectionRegistry<RegisteredConnection> _registry = new(Devices, replace: true);
    private readonly RegisteredConnection[] _connections =
        [.. Enumerable.Range(0, Devices).Select(i => new RegisteredConnection($"aa:bb:cc:{i >> 16:x2}:{i >> 8 & 255:x2}:{i & 255:x2}"))];

    [Fact]
    public void Every_connection_is_found_at_every_step_of_growing_and_shrinking()
    {
        for (int i = 0; i < Devices; i++)
        {
            Assert.Equal(RegistrationResult.Added, _registry.Register(_connections[i], out _));
            Assert.Same(_connections[i / 2], _registry.Find(_connections[i / 2].DeviceId));
            Assert.Same(_connections[i], _registry.Find(_connections[i].DeviceId));
            int later = i + 1 + ((Devices - i) / 2);
            Assert.Null(later < Devices ? _registry.Find(_connections[later].DeviceId) : null);
        }

        Assert.Equal(Devices, _registry.Count);
        for (int i = 0; i < Devices; i++)
        {
            Assert.True(_registry.Remove(_connections[i]));
            Assert.Null(_registry.Find(_connections[i].DeviceId));
            int other = i + ((Devices - i) / 2);
            Assert.Same(other == i ? null : _connections[other], _registry.Find(_connections[other].DeviceId));
        }

        Assert.Equal(0, _registry.Count);
    }

    [Fact]
    public void The_table_grows_and_shrinks_with_the_number_of_devices()
    {
        Assert.Equal(RegistryTable.MinLength, _registry.SlotCount);
        for (int wave = 0; wave < 3; wave++)
        {
            Array.ForEach(_connections, connection => _registry.Register(connection, out _));
            Assert.Equal(32_768, _registry.SlotCount);
            Array.ForEach(_connections, connection => _registry.Remove(connection));
            Assert.Equal(RegistryTable.MinLength, _registry.SlotCount);
        }
    }

    [Fact]
    public void Devices_that_connect_and_disconnect_among_others_do_not_resize_the_table()
    {
        Array.ForEach(_connections[..1000], connection => _registry.Register(connection, out _));
        int slots = _registry.SlotCount;
        for (int i = 0; i < 50_000; i++)
        {
            var temporary = new RegisteredConnection($"temporary-{i}");
            Assert.Equal(RegistrationResult.Added, _registry.Register(temporary, out _));
            Assert.True(_registry.Remove(temporary));
        }

        Assert.Equal(slots, _registry.SlotCount);
        Assert.Equal(1000, _registry.Count);
    }

    [Fact]
    public void A_removed_connection_is_released()
    {
        WeakReference[] removed = [.. Enumerable.Range(0, 5000).Select(i => RegisterAndRemove($"temporary-{i}"))];
        GC.Collect();
        Assert.All(removed, reference => Assert.False(reference.IsAlive));
        GC.KeepAlive(_registry);
    }

    [Fact]
    public void The_registry_costs_at_most_64_bytes_a_device()
    {
        Array.ForEach(_connections, connection => _registry.Register(connection, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var node = new RegistryNode(0, "", "", null);
        long nodeSize = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(node);
        Assert.InRange(nodeSize + (_registry.SlotCount * 8.0 / Devices), 1, 64);
    }

    [Fact]
    public void Ids_with_the_same_hash_are_distinguished()
    {
        RegistryNode? chain = null;
        for (int i = 0; i < 5; i++)
        {
            chain = new RegistryNode(7, $"id-{i}", i, chain);
        }

        for (int i = 0; i < 5; i++)
        {
            RegistryNode found = RegistryNode.Find(chain, 7, $"id-{i}")!;
            Assert.Equal(i, found.Value);
            var without = RegistryNode.Without(chain!, found);
            for (int j = 0; j < 5; j++)
            {
                Assert.Equal(i != j, RegistryNode.Find(without, 7, $"id-{j}") is not null);
            }
        }
    }

    private WeakReference RegisterAndRemove(string id)
    {
        var connection = new RegisteredConnection(id);
        _registry.Register(connection, out _);
        _registry.Remove(connection);
        return new WeakReference(connection);
    }
}
