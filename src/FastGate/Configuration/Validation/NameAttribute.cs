namespace FastGate.Configuration.Validation;

/// <summary>A name of at most <paramref name="most"/> characters that can be a part of keys.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NameAttribute(int most) : OptionAttribute
{
    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        string name = (string)value;
        return name.Length > 0 && name.Length <= most && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or ':')
            ? null
            : ("", name.Length > most ? string.Concat(name.AsSpan(0, most), "...") : name, FormattableString.Invariant($"1 to {most:N0} letters, digits and . _ - :"));
    }
}
