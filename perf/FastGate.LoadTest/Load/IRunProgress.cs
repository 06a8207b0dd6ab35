using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Load;

/// <summary>Shows the progress of a run.</summary>
internal interface IRunProgress
{
    void Show(string stage, SampleReport sample, long failed, long lost);
}
