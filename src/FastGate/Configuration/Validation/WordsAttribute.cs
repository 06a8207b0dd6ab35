namespace FastGate.Configuration.Validation;

/// <summary>Short texts that a user may say.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WordsAttribute() : ItemsAttribute(mostItems: 1_000)
{
    protected override string AllowedItem => "1 to 256 characters";

    protected override bool IsAllowed(string item) => item.Length is > 0 and <= 256;
}
