using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

/// <summary>Cancels the run after the load, when an operation has been completed: a run whose server never completes the others need not wait for them.</summary>
internal sealed class SettlingProgress(CancellationTokenSource stop) : IRunProgress
{
    private bool _completed;

    public void Show(string stage, SampleReport sample, long failed, long lost)
    {
        _completed |= sample.OperationsPerSecond > 0;
        if (stage == "settle" && _completed)
        {
            stop.Cancel();
        }
    }
}
