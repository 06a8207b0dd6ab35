using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using FastGate.Registry;

namespace FastGate.Benchmarks.Registry;

/// <summary>
/// The four operations on one to four threads, each with its own devices among 100,000 others, compared with ConcurrentDictionary used with
/// the same contract: replacing returns the displaced connection, removing removes only the given one. Time is CPU time per operation of the
/// first thread, and wall time until all have finished.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class RegistryThreadsBenchmarks
{
    private const int Operations = 4096;
    private const int Others = 100_000;
    private const int MostThreads = 4;

    private readonly FakeConnection[][] _older = [.. Enumerable.Range(0, MostThreads).Select(thread => FakeConnection.Many(Others + (thread * Operations), Operations))];
    private readonly FakeConnection[][] _newer = [.. Enumerable.Range(0, MostThreads).Select(thread => FakeConnection.Many(Others + (thread * Operations), Operations))];

    // Looks up copies of the ids: equal references would compare too fast, and only the registry stores the id of the newer connection.
    private readonly char[][][] _ids =
        [.. Enumerable.Range(0, MostThreads).Select(thread => FakeConnection.Many(Others + (thread * Operations), Operations).Select(device => device.DeviceId.ToCharArray()).ToArray())];

    private readonly ConnectionRegistry<FakeConnection> _registry = new(2_000_000, replace: true);
    private readonly ConcurrentDictionary<string, FakeConnection> _dictionary = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, FakeConnection>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private ThreadGang? _gang;
    private Action<int>[] _works = [];

    [ParamsSource(nameof(ThreadsValues))]
    public int Threads { get; set; }

    public static IEnumerable<int> ThreadsValues => [1, 2, 3, 4];

    [GlobalSetup]
    public void Setup()
    {
        foreach (FakeConnection connection in FakeConnection.Many(0, Others))
        {
            _registry.Register(connection, out _);
            _dictionary.TryAdd(connection.DeviceId, connection);
        }

        _lookup = _dictionary.GetAlternateLookup<ReadOnlySpan<char>>();
        _gang = new ThreadGang(Threads);
        _works =
        [
            Each(_older, connection => _registry.Register(connection, out _)),
            Each(_newer, connection => _registry.Register(connection, out _)),
            Each(_ids, id => _registry.Find(id.AsSpan())),
            Each(_newer, connection => _registry.Remove(connection)),
            Each(_older, connection => _dictionary.TryAdd(connection.DeviceId, connection)),
            Each(_newer, Replace),
            Each(_ids, id => _lookup.TryGetValue(id, out _)),
            Each(_newer, connection => _dictionary.TryRemove(new KeyValuePair<string, FakeConnection>(connection.DeviceId, connection))),
        ];
        Tiering.Settle(BeforeFastGateAdd, FastGateAdd);
        Tiering.Settle(BeforeDictionaryAdd, DictionaryAdd);
    }

    [IterationSetup(Target = nameof(FastGateAdd))]
    public void BeforeFastGateAdd()
    {
        FastGateReplace();
        FastGateRemove();
    }

    [BenchmarkCategory("Add"), Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateAdd() => Run(0);

    [IterationSetup(Target = nameof(FastGateReplace))]
    public void BeforeFastGateReplace() => FastGateAdd();

    [BenchmarkCategory("Replace"), Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateReplace() => Run(1);

    [IterationSetup(Target = nameof(FastGateFind))]
    public void BeforeFastGateFind() => FastGateReplace();

    [BenchmarkCategory("Find"), Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateFind() => Run(2);

    [IterationSetup(Target = nameof(FastGateRemove))]
    public void BeforeFastGateRemove() => FastGateReplace();

    [BenchmarkCategory("Remove"), Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateRemove() => Run(3);

    [IterationSetup(Target = nameof(DictionaryAdd))]
    public void BeforeDictionaryAdd()
    {
        DictionaryAdd();
        DictionaryReplace();
        DictionaryRemove();
    }

    [BenchmarkCategory("Add"), Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void DictionaryAdd() => Run(4);

    [IterationSetup(Target = nameof(DictionaryReplace))]
    public void BeforeDictionaryReplace()
    {
        BeforeDictionaryAdd();
        DictionaryAdd();
    }

    [BenchmarkCategory("Replace"), Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void DictionaryReplace() => Run(5);

    [IterationSetup(Target = nameof(DictionaryFind))]
    public void BeforeDictionaryFind() => BeforeDictionaryRemove();

    [BenchmarkCategory("Find"), Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void DictionaryFind() => Run(6);

    [IterationSetup(Target = nameof(DictionaryRemove))]
    public void BeforeDictionaryRemove()
    {
        DictionaryAdd();
        DictionaryReplace();
    }

    [BenchmarkCategory("Remove"), Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void DictionaryRemove() => Run(7);

    [GlobalCleanup]
    public void Cleanup() => _gang?.Dispose();

    private void Run(int work, [CallerMemberName] string benchmark = "") =>
        WallTimes.Add(benchmark, Threads, _gang!.Run(_works[work]).TotalNanoseconds / Operations);

    private FakeConnection? Replace(FakeConnection connection)
    {
        while (_dictionary.TryGetValue(connection.DeviceId, out FakeConnection? older))
        {
            if (_dictionary.TryUpdate(connection.DeviceId, connection, older))
            {
                return older;
            }
        }

        return null;
    }

    private static Action<int> Each<TItem, TResult>(TItem[][] items, Func<TItem, TResult> operation) => thread =>
    {
        foreach (TItem? item in items[thread])
        {
            operation(item);
        }
    };
}
