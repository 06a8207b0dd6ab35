using System.Globalization;

namespace FastGate.Configuration.Validation;

/// <summary>A time span within limits, which are written as <c>hours:minutes:seconds</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(string low, string high) : OptionAttribute
{
    /// <summary>The shortest timeout that may be set.</summary>
    public const string Shortest = "00:00:00.010";

    private readonly TimeSpan _low = TimeSpan.Parse(low, CultureInfo.InvariantCulture);
    private readonly TimeSpan _high = TimeSpan.Parse(high, CultureInfo.InvariantCulture);

    /// <summary>Zero and negative values switch the timeout off.</summary>
    public bool OffAtZero { get; set; }

    protected override (string Item, string Shown, string Allowed)? Check(object value) =>
        (TimeSpan)value is var span && ((OffAtZero && span <= TimeSpan.Zero) || (span >= _low && span <= _high))
            ? null
            : ("", $"{span}", $"a time span from {_low} to {_high}{(OffAtZero ? " (or 0 for no timeout)" : "")}");
}
