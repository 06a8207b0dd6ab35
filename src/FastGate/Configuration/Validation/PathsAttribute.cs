namespace FastGate.Configuration.Validation;

/// <summary>A list of paths of files.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PathsAttribute() : ItemsAttribute(mostItems: 1_000)
{
    private const int MostCharacters = 4_096;

    protected override string AllowedItem => "a path of 1 to 4,096 characters";

    protected override bool IsAllowed(string item) => item.Length is > 0 and <= MostCharacters;
}
