using System.Diagnostics;
using FastGate.Registry;

namespace FastGate.Tests.Registry;

/// <summary>
/// Threads register, replace, remove and look up the same few ids while another makes the table grow and shrink continuously. The results are
/// recorded and checked for each id.
/// </summary>
public sealed class RegistryLinearizabilityTests
{
    private const int Threads = 3;
    private const int OperationsPerRound = 12;
    private const int Rounds = 1200;

    private static readonly string[] s_ids = ["one", "two"];

    private readonly ConnectionRegistry<RegisteredConnection> _registry = new(100_000, replace: true);
    private readonly List<RegistryOperation>[,] _histories = new List<RegistryOperation>[Threads, s_ids.Length];
    private bool _done;

    [Fact]
    public void Every_recorded_history_has_an_order_that_explains_it()
    {
        int resizes = 0;
        var resizer = new Thread(() => resizes = GrowAndShrink()) { IsBackground = true };
        resizer.Start();
        int unexplained = 0;
        try
        {
            RacingThreads.Run(Threads, Play, () => unexplained += CountUnexplained());
        }
        finally
        {
            Volatile.Write(ref _done, true);
            resizer.Join();
        }

        Assert.Equal(0, unexplained);
        Assert.True(resizes > 10, $"The table changed its size only {resizes} times.");
        Assert.Equal(0, _registry.Count);
    }

    private void Play(int thread, Barrier barrier)
    {
        var random = new Random(thread);
        for (int round = 0; round < Rounds; round++)
        {
            var own = new RegisteredConnection?[s_ids.Length];
            var histories = new List<RegistryOperation>[s_ids.Length];
            for (int id = 0; id < s_ids.Length; id++)
            {
                histories[id] = _histories[thread, id] = new List<RegistryOperation>(OperationsPerRound + 1);
            }

            barrier.SignalAndWait();
            for (int i = 0; i < OperationsPerRound; i++)
            {
                int id = random.Next(s_ids.Length);
                histories[id].Add(random.Next(3) switch
                {
                    0 => Register(own[id] = new RegisteredConnection(s_ids[id])),
                    1 when own[id] is { } connection => Remove(connection),
                    _ => Find(s_ids[id]),
                });
            }

            // Remove everything, so that each history begins and ends without a connection.
            for (int id = 0; id < s_ids.Length; id++)
            {
                if (own[id] is { } last)
                {
                    histories[id].Add(Remove(last));
                }
            }

            barrier.SignalAndWait();
        }
    }

    private RegistryOperation Register(RegisteredConnection connection)
    {
        long began = Stopwatch.GetTimestamp();
        RegistrationResult result = _registry.Register(connection, out RegisteredConnection? displaced);
        long ended = Stopwatch.GetTimestamp();
        Assert.Equal(displaced is null ? RegistrationResult.Added : RegistrationResult.Replaced, result);
        return new RegistryOperation(RegistryOperationKind.Register, connection, displaced, began, ended);
    }

    private RegistryOperation Remove(RegisteredConnection connection)
    {
        long began = Stopwatch.GetTimestamp();
        bool removed = _registry.Remove(connection);
        long ended = Stopwatch.GetTimestamp();
        return new RegistryOperation(RegistryOperationKind.Remove, connection, removed ? connection : null, began, ended);
    }

    private RegistryOperation Find(string id)
    {
        long began = Stopwatch.GetTimestamp();
        RegisteredConnection? found = _registry.Find(id);
        long ended = Stopwatch.GetTimestamp();
        return new RegistryOperation(RegistryOperationKind.Find, null, found, began, ended);
    }

    // Runs between two rounds and before the first.
    private int CountUnexplained()
    {
        int unexplained = 0;
        for (int id = 0; id < s_ids.Length; id++)
        {
            int column = id;
            RegistryOperation[] history = [.. Enumerable.Range(0, Threads).SelectMany(thread => _histories[thread, column])];
            if (!LinearizabilityChecker.IsLinearizable(history))
            {
                unexplained++;
            }
        }

        return unexplained;
    }

    private int GrowAndShrink()
    {
        RegisteredConnection[] fillers = [.. Enumerable.Range(0, 6000).Select(i => new RegisteredConnection($"filler-{i}"))];
        int resizes = 0;
        int slots = _registry.SlotCount;
        for (int wave = 0; !Volatile.Read(ref _done); wave++)
        {
            // Small waves resize tables that are filled at once, large ones tables that are filled step by step.
            RegisteredConnection[] some = fillers[..(wave % 4 == 0 ? fillers.Length : 300)];
            foreach (RegisteredConnection filler in some)
            {
                _registry.Register(filler, out _);
                Note();
            }

            foreach (RegisteredConnection filler in some)
            {
                _registry.Remove(filler);
                Note();
            }
        }

        return resizes;

        void Note()
        {
            if (_registry.SlotCount != slots)
            {
                slots = _registry.SlotCount;
                resizes++;
            }
        }
    }
}
