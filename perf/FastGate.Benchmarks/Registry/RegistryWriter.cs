using System.Collections.Concurrent;
using FastGate.Registry;

namespace FastGate.Benchmarks.Registry;

/// <summary>A thread that registers, replaces and removes 256 other devices in a loop until it is disposed.</summary>
internal sealed class RegistryWriter : IDisposable
{
    private const int Devices = 256;

    private readonly Thread _thread;
    private readonly ManualResetEventSlim _running = new(initialState: true);
    private volatile bool _stopping;
    private long _laps;

    private RegistryWriter(Action<FakeConnection, FakeConnection> change, int first)
    {
        FakeConnection[] older = FakeConnection.Many(first, Devices);
        FakeConnection[] newer = FakeConnection.Many(first, Devices);
        _thread = new Thread(() =>
        {
            while (!_stopping)
            {
                _running.Wait();
                Interlocked.Increment(ref _laps);
                for (int i = 0; i < Devices; i++)
                {
                    change(older[i], newer[i]);
                }
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public static RegistryWriter Start(ConnectionRegistry<FakeConnection> registry, int first) => new(
        (older, newer) =>
        {
            registry.Register(older, out _);
            registry.Register(newer, out _);
            registry.Remove(newer);
        },
        first);

    public static RegistryWriter Start(ConcurrentDictionary<string, FakeConnection> dictionary, int first) => new(
        (older, newer) =>
        {
            dictionary.TryAdd(older.DeviceId, older);
            dictionary.TryUpdate(newer.DeviceId, newer, older);
            dictionary.TryRemove(new KeyValuePair<string, FakeConnection>(newer.DeviceId, newer));
        },
        first);

    public void Pause() => _running.Reset();

    /// <summary>Returns once the thread is running again.</summary>
    public void Resume()
    {
        long seen = Interlocked.Read(ref _laps);
        _running.Set();
        SpinWait.SpinUntil(() => Interlocked.Read(ref _laps) > seen + 1);
    }

    public void Dispose()
    {
        _stopping = true;
        _running.Set();
        _thread.Join();
        _running.Dispose();
    }
}
