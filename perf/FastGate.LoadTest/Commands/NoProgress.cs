using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Commands;

/// <summary>Shows nothing.</summary>
internal sealed class NoProgress : IRunProgress
{
    public void Show(string stage, SampleReport sample, long failed, long lost)
    {
    }
}
