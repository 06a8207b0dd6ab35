using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

/// <summary>Cancels the run when a device is connected.</summary>
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
