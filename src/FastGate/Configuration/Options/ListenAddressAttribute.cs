using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>A text that <see cref="ListenAddress"/> can parse.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ListenAddressAttribute : OptionAttribute
{
    protected override (string Item, string Shown, string Allowed)? Check(object value) =>
        ListenAddress.TryParse((string)value, out _) ? null : ("", (string)value, ListenAddress.Allowed);
}
