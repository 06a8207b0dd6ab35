using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

/// <summary>Keeps the run's own thread for a while whenever it shows something.</summary>
internal sealed class BlockingProgress(TimeSpan time) : IRunProgress
{
    public void Show(string stage, SampleReport sample, long failed, long lost) => Thread.Sleep(time);
}
