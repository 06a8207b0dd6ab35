using System.Diagnostics;
using System.Globalization;
using FastGate.Testing;

namespace FastGate.Benchmarks.Judging;

/// <summary>
/// Measures the promised figures in a way that works on a shared machine: both sides alternate in rounds of one or two milliseconds, measured
/// in CPU time of the thread, and the medians of many rounds are compared.
/// </summary>
internal static class Judge
{
    private const int Turns = 61;
    private const long TurnNs = 2_000_000;

    // The runtime compiles optimized code in the background, 0.1 s after the last new method.
    private static readonly TimeSpan s_warm = TimeSpan.FromMilliseconds(700);

    /// <returns>0, or 1 when a promise is missed or no figure matches.</returns>
    public static int Run(string filter, TextWriter output)
    {
        var figures = JudgedFigures.All.Where(figure => figure.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (figures.Count == 0)
        {
            output.WriteLine($"No judged figure has '{filter}' in its name.");
            return 1;
        }

        int missed = 0;
        output.WriteLine("| figure | FastGate, ns (quartiles) | beside it, ns (quartiles) | ratio | at most | |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (JudgedFigure? figure in figures)
        {
            (double[]? mine, double[]? theirs) = Measure(figure);
            double value = theirs is null ? mine[1] : mine[1] / theirs[1];
            bool kept = value <= figure.Most;
            missed += kept ? 0 : 1;
            string ratio = theirs is null ? "-" : value.ToString("F2", CultureInfo.InvariantCulture);
            string most = figure.Most.ToString("#,0.##", CultureInfo.InvariantCulture);
            output.WriteLine($"| {figure.Name} | {Text(mine)} | {(theirs is null ? "-" : Text(theirs))} | {ratio} | {most} | {(kept ? "kept" : "MISSED")} |");
            GC.Collect();
        }

        return missed == 0 ? 0 : 1;
    }

    private static (double[] Mine, double[]? Theirs) Measure(JudgedFigure figure)
    {
        (Contender? ours, Contender? baseline) = figure.Make();
        var mine = new List<double>();
        var theirs = new List<double>();
        for (var watch = Stopwatch.StartNew(); mine.Count < Turns;)
        {
            bool warm = watch.Elapsed > s_warm;
            double my = Turn(ours);
            double their = baseline is null ? 0 : Turn(baseline);
            if (warm)
            {
                mine.Add(my);
                theirs.Add(their);
            }
        }

        return (Quartiles(mine), baseline is null ? null : Quartiles(theirs));
    }

    /// <summary>Nanoseconds per operation.</summary>
    private static double Turn(Contender contender)
    {
        contender.Begin?.Invoke();
        long spent = 0;
        long operations = 0;
        int calls = 1;
        while (spent < TurnNs)
        {
            contender.Before?.Invoke();
            long before = ThreadClock.NowNs;
            for (int call = 0; call < calls; call++)
            {
                contender.Body();
            }

            spent += ThreadClock.NowNs - before;
            operations += (long)calls * contender.Operations;

            // Enough operations per measurement that reading the clock has no weight.
            calls = contender.Before is null ? Math.Min(calls * 2, 1 << 14) : 1;
        }

        contender.End?.Invoke();
        return (double)spent / operations;
    }

    private static double[] Quartiles(List<double> turns)
    {
        turns.Sort();
        return [turns[turns.Count / 4], turns[turns.Count / 2], turns[turns.Count * 3 / 4]];
    }

    private static string Text(double[] quartiles) =>
        string.Create(CultureInfo.InvariantCulture, $"{quartiles[1]:F1} ({quartiles[0]:F1}-{quartiles[2]:F1})");
}
