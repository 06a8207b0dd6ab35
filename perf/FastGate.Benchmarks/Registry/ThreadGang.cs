using System.Diagnostics;

namespace FastGate.Benchmarks.Registry;

/// <summary>
/// Runs the same work on several threads at the same time; the caller is the first of them, and with one thread it is a plain call. Returns the
/// wall time until the last has finished, because the CPU time of one thread does not include its waiting.
/// </summary>
internal sealed class ThreadGang : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _threads;
    private Action<int>? _work;

    public ThreadGang(int count)
    {
        _barrier = new Barrier(count);
        _threads = new Thread[count - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int number = i + 1;
            _threads[i] = new Thread(() => Follow(number)) { IsBackground = true };
            _threads[i].Start();
        }
    }

    public TimeSpan Run(Action<int> work)
    {
        if (_threads.Length == 0)
        {
            long alone = Stopwatch.GetTimestamp();
            work(0);
            return Stopwatch.GetElapsedTime(alone);
        }

        _work = work;
        _barrier.SignalAndWait();
        long together = Stopwatch.GetTimestamp();
        work(0);
        _barrier.SignalAndWait();
        return Stopwatch.GetElapsedTime(together);
    }

    public void Dispose()
    {
        if (_threads.Length > 0)
        {
            _work = null;
            _barrier.SignalAndWait();
            foreach (Thread thread in _threads)
            {
                thread.Join();
            }
        }

        _barrier.Dispose();
    }

    private void Follow(int number)
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_work is not { } work)
            {
                return;
            }

            work(number);
            _barrier.SignalAndWait();
        }
    }
}
