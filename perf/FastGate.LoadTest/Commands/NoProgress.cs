using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Commands;

/// <summary>For a run that nobody watches.</summary>
internal sealed class NoProgress : IRunProgress
{
    public void Show(string stage, SampleReport sample, long failed, long lost)
    {
    }
}
