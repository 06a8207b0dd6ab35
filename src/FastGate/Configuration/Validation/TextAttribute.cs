namespace FastGate.Configuration.Validation;

/// <summary>A text of 1 to <paramref name="most"/> characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextAttribute(int most) : OptionAttribute
{
    private const int MostShown = 40;

    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        string text = (string)value;
        string shown = text.Length > MostShown ? string.Concat(text.AsSpan(0, MostShown), "...") : text;
        return text.Length > 0 && text.Length <= most ? null : ("", shown, FormattableString.Invariant($"1 to {most:N0} characters (it has {text.Length:N0})"));
    }
}
