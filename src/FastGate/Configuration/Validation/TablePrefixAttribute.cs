namespace FastGate.Configuration.Validation;

/// <summary>The beginning of a table's name, which needs no quotes in SQL.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TablePrefixAttribute : OptionAttribute
{
    private const int MostCharacters = 32;

    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        string text = (string)value;
        bool isAllowed = text.Length is > 0 and <= MostCharacters && (text[0] == '_' || char.IsAsciiLetterLower(text[0]))
            && text.All(static character => character == '_' || char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character));
        return isAllowed ? null : ("", text, "1 to 32 lower-case letters, digits and underscores, a letter or an underscore first");
    }
}
