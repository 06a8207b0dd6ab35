namespace FastGate.Configuration.Validation;

/// <summary>A rule for each item of a list, and a limit of their number. A failure names the first bad item and counts the others.</summary>
internal abstract class ItemsAttribute(int mostItems) : OptionAttribute
{
    protected abstract string AllowedItem { get; }

    protected abstract bool IsAllowed(string item);

    protected override (string Item, string Shown, string Allowed)? Check(object value)
    {
        if (value is string text)
        {
            return IsAllowed(text) ? null : ("", text, AllowedItem);
        }

        var items = (IReadOnlyList<string>)value;
        if (items.Count > mostItems)
        {
            return ("", $"{items.Count} items", FormattableString.Invariant($"at most {mostItems:N0} items"));
        }

        int[] bad = [.. Enumerable.Range(0, items.Count).Where(index => !IsAllowed(items[index]))];
        return bad.Length == 0 ? null : ($":{bad[0]}", items[bad[0]], bad.Length == 1 ? AllowedItem : $"{AllowedItem} (and so for {bad.Length - 1} more items)");
    }
}
