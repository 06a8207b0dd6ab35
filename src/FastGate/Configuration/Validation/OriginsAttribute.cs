using System.Text.RegularExpressions;

namespace FastGate.Configuration.Validation;

/// <summary>Origins as browsers send them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class OriginsAttribute() : ItemsAttribute(mostItems: 1_000)
{
    protected override string AllowedItem => "an origin such as https://app.example.org, without a path, or * for every origin";

    protected override bool IsAllowed(string item) => item == "*" || (item.Length <= 512 && Origin().IsMatch(item));

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*://[!-.0-~]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Origin();
}
