using FastGate.Configuration.Options;
using FastGate.Registry;

namespace FastGate.Tests.Registry;

public sealed class RegistryRaceTests
{
    private const int Threads = 4;
    private const int Rounds = 1000;

    [Fact]
    public void Of_those_that_connect_at_once_with_one_id_one_stays_and_each_loser_is_displaced_once()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(Threads, DuplicateDevicePolicy.Replace);
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
    public void With_reject_exactly_one_of_those_that_connect_at_once_gets_in()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(Threads, DuplicateDevicePolicy.Reject);
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
                    RegistrationResult result = registry.Register(connection, out RegisteredConnection? none);
                    Interlocked.Increment(ref result == RegistrationResult.Added ? ref added : ref rejected);
                    Assert.Null(none);
                    barrier.SignalAndWait();
                    registry.Remove(connection);
                }
            });
        Assert.Equal(Rounds, added);
        Assert.Equal(Rounds * (Threads - 1), rejected);
        Assert.Equal(0, registry.Count);
    }

    [Fact]
    public void Never_more_than_the_capacity_are_in_and_all_of_it_can_be_used_afterwards()
    {
        const int Capacity = 5;
        var registry = new ConnectionRegistry<RegisteredConnection>(Capacity, DuplicateDevicePolicy.Replace);
        int inside = 0;
        int tooMany = 0;
        int full = 0;
        RacingThreads.Run(
            Threads,
            (thread, barrier) =>
            {
                // Each keeps enough to fill it alone.
                var own = new Queue<RegisteredConnection>();
                barrier.SignalAndWait();
                for (int i = 0; i < 20_000; i++)
                {
                    // Some ids are common to all threads: a place that was taken is then given back unused.
                    var connection = new RegisteredConnection(i % 3 == 0 ? $"shared-{i % 2}" : $"{thread}-{i}");
                    RegistrationResult result = registry.Register(connection, out RegisteredConnection? _);
                    if (result == RegistrationResult.Added && Interlocked.Increment(ref inside) > Capacity)
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
                        Leave(own);
                    }
                }

                while (own.Count > 0)
                {
                    Leave(own);
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

        // Counted out before it is out: what is counted is then never more than what is in. A replaced one was counted in by
        // whoever was first of its id, and is counted out by whoever removes the last.
        void Leave(Queue<RegisteredConnection> own)
        {
            if (own.TryDequeue(out RegisteredConnection? connection))
            {
                Interlocked.Decrement(ref inside);
                if (!registry.Remove(connection))
                {
                    Interlocked.Increment(ref inside);
                }
            }
        }
    }

    [Fact]
    public void A_walk_meets_everyone_who_stays_exactly_once_whatever_happens_around()
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(100_000, DuplicateDevicePolicy.Replace);
        HashSet<RegisteredConnection> staying = [.. Enumerable.Range(0, 500).Select(i => new RegisteredConnection($"staying-{i}"))];
        foreach (RegisteredConnection connection in staying)
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
                    ComeAndGo();
                    return;
                }

                try
                {
                    for (int walk = 0; walk < 500; walk++)
                    {
                        Walk();
                    }
                }
                finally
                {
                    Volatile.Write(ref done, true);
                }
            });

        void ComeAndGo()
        {
            RegisteredConnection[] passing = [.. Enumerable.Range(0, 8000).Select(i => new RegisteredConnection($"passing-{i}"))];
            while (!Volatile.Read(ref done))
            {
                Array.ForEach(passing, connection => registry.Register(connection, out RegisteredConnection? _));
                Array.ForEach(passing, connection => registry.Remove(connection));
            }
        }

        void Walk()
        {
            var ids = new HashSet<string>();
            int met = 0;
            foreach (RegisteredConnection connection in registry)
            {
                Assert.True(ids.Add(connection.DeviceId), "Met twice.");
                met += staying.Contains(connection) ? 1 : 0;
            }

            Assert.Equal(staying.Count, met);
        }
    }
}
