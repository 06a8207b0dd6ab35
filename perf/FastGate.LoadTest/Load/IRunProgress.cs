using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Load;

/// <summary>Shows a run while it goes on.</summary>
internal interface IRunProgress
{
    void Show(string stage, SampleReport sample, long failed, long lost);
}
