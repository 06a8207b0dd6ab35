namespace FastGate.CommandLine.Output;

/// <summary>One line for each state, for files, pipes and terminals that cannot move the cursor.</summary>
internal sealed class PlainDisplay(TextWriter output) : ILiveDisplay
{
    public void Show(string title, IReadOnlyList<LiveRow> rows)
    {
        string values = string.Join(", ", rows.Where(static row => row.Value.Length > 0).Select(static row => $"{row.Name} {row.Value}"));
        output.WriteLine(values.Length == 0 ? title : $"{title}: {values}");
        output.Flush();
    }
}
