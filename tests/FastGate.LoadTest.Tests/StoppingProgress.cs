using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

/// <summary>Ctrl+C once a device is there.</summary>
internal sealed class StoppingProgress(CancellationTokenSource stop) : IRunProgress
{
    public void Show(string stage, SampleReport sample, long failed, long lost)
    {
        if (sample.Open > 0)
        {
            stop.Cancel();
        }
    }
}
