namespace FastGate.CommandLine.Output;

/// <summary>Shows values that change.</summary>
internal interface ILiveDisplay
{
    void Show(string title, IReadOnlyList<LiveRow> rows);
}
