namespace FastGate.LoadTest.Reports;

/// <summary>One line over time; a null leaves a gap.</summary>
/// <param name="Key">Its key in the samples of the JSON.</param>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Color">Color of the line.</param>
/// <param name="Values">One value per sample.</param>
internal sealed record SvgSeries(string Key, string Name, string Color, IReadOnlyList<double?> Values);
