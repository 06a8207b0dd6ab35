using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using FastGate.Registry;

namespace FastGate.Benchmarks.Registry;

/// <summary>
/// Looks up a device by the characters of its id, compared with ConcurrentDictionary and its lookup by span, with and without another thread
/// that changes entries.
/// </summary>
public class RegistryFindBenchmarks
{
    private const int Operations = 16 * 1024;

    private readonly ConnectionRegistry<FakeConnection> _registry = new(2_000_000, replace: true);
    private readonly ConcurrentDictionary<string, FakeConnection> _dictionary = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, FakeConnection>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private char[][] _ids = [];

    [ParamsSource(nameof(ConnectionsValues))]
    public int Connections { get; set; }

    public static IEnumerable<int> ConnectionsValues => [1_000, 100_000, 1_000_000];

    [ParamsSource(nameof(WriterValues))]
    public bool Writer { get; set; }

    public static IEnumerable<bool> WriterValues => [false, true];

    internal RegistryWriter? Changing { get; private set; }

    [GlobalSetup(Target = nameof(FastGate))]
    public void SetupFastGate()
    {
        foreach (FakeConnection connection in CreateConnections())
        {
            _registry.Register(connection, out _);
        }

        Changing = Writer ? RegistryWriter.Start(_registry, Connections) : null;
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public int FastGate()
    {
        int found = 0;
        foreach (char[] id in _ids)
        {
            found += _registry.Find(id.AsSpan()) is null ? 0 : 1;
        }

        return found;
    }

    [GlobalSetup(Target = nameof(Dictionary))]
    public void SetupDictionary()
    {
        foreach (FakeConnection connection in CreateConnections())
        {
            _dictionary.TryAdd(connection.DeviceId, connection);
        }

        _lookup = _dictionary.GetAlternateLookup<ReadOnlySpan<char>>();
        Changing = Writer ? RegistryWriter.Start(_dictionary, Connections) : null;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public int Dictionary()
    {
        int found = 0;
        foreach (char[] id in _ids)
        {
            found += _lookup.TryGetValue(id, out _) ? 1 : 0;
        }

        return found;
    }

    [GlobalCleanup]
    public void Cleanup() => Changing?.Dispose();

    /// <summary>Looks up copies of the ids: equal references would compare too fast.</summary>
    private FakeConnection[] CreateConnections()
    {
        FakeConnection[] connections = FakeConnection.Many(0, Connections);
        var random = new Random(1);
        _ids = [.. Enumerable.Range(0, Operations).Select(_ => connections[random.Next(Connections)].DeviceId.ToCharArray())];
        return connections;
    }
}
