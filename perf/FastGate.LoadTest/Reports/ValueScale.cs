namespace FastGate.LoadTest.Reports;

/// <summary>The vertical axis of a plot: from zero in equal steps, or logarithmic, where one high value leaves the low ones readable.</summary>
internal readonly record struct ValueScale
{
    /// <summary>Above this number of labels, a logarithmic axis has labels at powers of ten only.</summary>
    private const int MostTicks = 8;

    /// <summary>Reports round latencies to this value; smaller ones are drawn at the lower end of a logarithmic axis.</summary>
    private const double Least = 0.001;

    private ValueScale(double low, double high, bool logarithmic, IReadOnlyList<double> ticks) =>
        (Low, High, Logarithmic, Ticks) = (low, high, logarithmic, ticks);

    public double Low { get; }

    public double High { get; }

    public bool Logarithmic { get; }

    public IReadOnlyList<double> Ticks { get; }

    public static ValueScale Linear(IEnumerable<double> values)
    {
        double most = values.DefaultIfEmpty().Max();
        double step = NiceStep(most / 4);
        double top = Math.Max(Math.Ceiling(most * 1.04 / step), 1) * step;
        return new ValueScale(0, top, false, [.. Enumerable.Range(0, (int)Math.Round(top / step) + 1).Select(i => Math.Round(i * step, 9))]);
    }

    public static ValueScale Log(IEnumerable<double> values)
    {
        double[] positive = [.. values.Where(static value => value >= Least).DefaultIfEmpty(1)];
        double high = NiceStep(positive.Max() * 1.04);
        List<double> ticks = [];
        double low = high;
        while (low > positive.Min() || ticks.Count < 2)
        {
            ticks.Add(low);
            low = NextBelow(low);
        }

        ticks.Add(low);
        ticks.Reverse();
        return new ValueScale(low, high, true, ticks.Count <= MostTicks ? ticks : [.. ticks.Where(static tick => Math.Abs(Math.Log10(tick) - Math.Round(Math.Log10(tick))) < 1e-6)]);
    }

    /// <summary>0 at the lower end of the axis, 1 at the upper.</summary>
    public double Place(double value) => Logarithmic
        ? Math.Log(Math.Max(value, Low) / Low) / Math.Log(High / Low)
        : (value - Low) / (High - Low);

    /// <summary>The next of 1, 2 and 5 times a power of ten.</summary>
    internal static double NiceStep(double least)
    {
        if (least <= 0)
        {
            return 1;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double digit = least / power;
        return Math.Round((digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power, 9);
    }

    /// <summary>The previous of these values.</summary>
    private static double NextBelow(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step * 1.000001)));
        double digit = Math.Round(step / power);
        return Math.Round((digit >= 5 ? 2 : digit >= 2 ? 1 : 0.5) * power, 9);
    }
}
