using FastGate.Registry;

namespace FastGate.Tests.Registry;

public sealed class RegistryRaceTests
{
    private const int Threads = 4;
    private const int Rounds = 1000;

    [Fact]
    public void Of_concurrent_registrations_of_one_id_one_stays_and_each_other_is_displaced_once()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(Threads, replace: true);
        var connections = new RegisteredConnection[Threads];
        var displaced = new RegisteredConnection?[Threads];
        bool[] removed = new bool[Threads];
        string? failure = null;
        RacingThreads.Run(
            Threads,
            (thread, barrier) =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    connections[thread] = new RegisteredConnection("device");
                    barrier.SignalAndWait();
                    registry.Register(connections[thread], out displaced[thread]);
                    barrier.SignalAndWait();
                    if (thread == 0)
                    {
                        RegisteredConnection?[] losers = [.. displaced.Where(loser => loser is not null)];
                        RegisteredConnection[] survivors = [.. connections.Except(losers.OfType<RegisteredConnection>())];
                        if (losers.Length != Threads - 1 || losers.Distinct().Count() != Threads - 1 || survivors.Length != 1
                            || registry.Find("device") != survivors[0] || registry.Count != 1)
                        {
                            failure ??= $"Round {round}: {losers.Length} losers, {survivors.Length} survivors, count {registry.Count}.";
                        }
                    }

                    barrier.SignalAndWait();
                    removed[thread] = registry.Remove(connections[thread]);
                    barrier.SignalAndWait();
                    if (thread == 0 && (removed.Count(own => own) != 1 || registry.Count != 0))
                    {
                        failure ??= $"Round {round}: {removed.Count(own => own)} removed, count {registry.Count}.";
                    }

                    barrier.SignalAndWait();
                }
            });
        Assert.Null(failure);
    }

    [Fact]
    public void Without_replace_exactly_one_of_concurrent_registrations_succeeds()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(Threads, replace: false);
        int added = 0;
        int rejected = 0;
        RacingThreads.Run(
            Threads,
            (_, barrier) =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    var connection = new RegisteredConnection("device");
                    barrier.SignalAndWait();
                    RegistrationResult result = registry.Register(connection, out RegisteredConnection? displaced);
                    Interlocked.Increment(ref result == RegistrationResult.Added ? ref added : ref rejected);
                    Assert.Null(displaced);
                    barrier.SignalAndWait();
                    registry.Remove(connection);
                }
            });
        Assert.Equal(Rounds, added);
        Assert.Equal(Rounds * (Threads - 1), rejected);
        Assert.Equal(0, registry.Count);
    }

    [Fact]
    public void The_capacity_is_never_exceeded_and_all_of_it_is_usable_afterwards()
    {
        const int Capacity = 5;
        var registry = new ConnectionRegistry<RegisteredConnection>(Capacity, replace: true);
        int registered = 0;
        int tooMany = 0;
        int full = 0;
        RacingThreads.Run(
            Threads,
            (thread, barrier) =>
            {
                // Each thread keeps enough connections to fill the registry alone.
                var own = new Queue<RegisteredConnection>();
                barrier.SignalAndWait();
                for (int i = 0; i < 20_000; i++)
                {
                    // Some ids are shared by all threads: then a place that was taken is released unused.
                    var connection = new RegisteredConnection(i % 3 == 0 ? $"shared-{i % 2}" : $"{thread}-{i}");
                    RegistrationResult result = registry.Register(connection, out RegisteredConnection? _);
                    if (result == RegistrationResult.Added && Interlocked.Increment(ref registered) > Capacity)
                    {
                        Interlocked.Increment(ref tooMany);
                    }

                    if (result == RegistrationResult.Full)
                    {
                        Interlocked.Increment(ref full);
                    }
                    else
                    {
                        own.Enqueue(connection);
                    }

                    if (own.Count > 2 * Capacity || result == RegistrationResult.Full)
                    {
                        RemoveOldest(own);
                    }
                }

                while (own.Count > 0)
                {
                    RemoveOldest(own);
                }
            });
        Assert.Equal(0, tooMany);
        Assert.True(full > 0);
        Assert.Equal(0, registry.Count);
        for (int i = 0; i < Capacity; i++)
        {
            Assert.Equal(RegistrationResult.Added, registry.Register(new RegisteredConnection($"{i}"), out _));
        }

        Assert.Equal(RegistrationResult.Full, registry.Register(new RegisteredConnection("one more"), out _));

        // Decremented before the removal, so that the number never exceeds what is registered. The first connection of an id
        // increments it, and the thread that removes the last one decrements it.
        void RemoveOldest(Queue<RegisteredConnection> own)
        {
            if (own.TryDequeue(out RegisteredConnection? connection))
            {
                Interlocked.Decrement(ref registered);
                if (!registry.Remove(connection))
                {
                    Interlocked.Increment(ref registered);
                }
            }
        }
    }

    [Fact]
    public void An_enumeration_returns_each_connection_that_stays_exactly_once_during_changes()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(100_000, replace: true);
        HashSet<RegisteredConnection> permanent = [.. Enumerable.Range(0, 500).Select(i => new RegisteredConnection($"permanent-{i}"))];
        foreach (RegisteredConnection connection in permanent)
        {
            registry.Register(connection, out _);
        }

        bool done = false;
        RacingThreads.Run(
            2,
            (thread, _) =>
            {
                if (thread == 0)
                {
                    AddAndRemove();
                    return;
                }

                try
                {
                    for (int enumeration = 0; enumeration < 500; enumeration++)
                    {
                        Enumerate();
                    }
                }
                finally
                {
                    Volatile.Write(ref done, true);
                }
            });

        void AddAndRemove()
        {
            RegisteredConnection[] temporary = [.. Enumerable.Range(0, 8000).Select(i => new RegisteredConnection($"temporary-{i}"))];
            while (!Volatile.Read(ref done))
            {
                Array.ForEach(temporary, connection => registry.Register(connection, out RegisteredConnection? _));
                Array.ForEach(temporary, connection => registry.Remove(connection));
            }
        }

        void Enumerate()
        {
            var ids = new HashSet<string>();
            int found = 0;
            foreach (RegisteredConnection connection in registry)
            {
                Assert.True(ids.Add(connection.DeviceId), "Returned twice.");
                found += permanent.Contains(connection) ? 1 : 0;
            }

            Assert.Equal(permanent.Count, found);
        }
    }
}
