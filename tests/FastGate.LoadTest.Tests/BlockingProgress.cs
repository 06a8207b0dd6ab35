using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

/// <summary>Blocks the run's thread for a time at every sample.</summary>
internal sealed class BlockingProgress(TimeSpan time) : IRunProgress
{
    public void Show(string stage, SampleReport sample, long failed, long lost) => Thread.Sleep(time);
}
