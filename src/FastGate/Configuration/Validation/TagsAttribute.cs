namespace FastGate.Configuration.Validation;

/// <summary>Tags that devices can have.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TagsAttribute() : ItemsAttribute(mostItems: 16)
{
    protected override string AllowedItem => "1 to 32 letters, digits and . _ - :";

    protected override bool IsAllowed(string item) =>
        item.Length is > 0 and <= 32 && item.All(static character => char.IsLetterOrDigit(character) || character is '-' or '_' or '.' or ':');
}
