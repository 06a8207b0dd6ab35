using System.Globalization;

namespace FastGate.Configuration.Validation;

/// <summary>A whole number within limits.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WholeNumberAttribute(long low, long high) : OptionAttribute
{
    /// <summary>What else the operator should know.</summary>
    public string? Note { get; set; }

    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        long number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
        string note = Note is null ? "" : $" ({Note})";
        return number >= low && number <= high
            ? null
            : ("", FormattableString.Invariant($"{number}"), FormattableString.Invariant($"a whole number from {low:N0} to {high:N0}{note}"));
    }
}
