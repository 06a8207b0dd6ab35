using System.ComponentModel.DataAnnotations;

namespace FastGate.Configuration.Validation;

/// <summary>A rule for one option. Its failure names the key, the value and what is allowed. Null, an option that is not set, passes.</summary>
internal abstract class OptionAttribute : ValidationAttribute
{
    /// <summary>Whether the value must not be shown.</summary>
    public bool Secret { get; set; }

    protected sealed override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is null || Check(value) is not { } failure)
        {
            return ValidationResult.Success;
        }

        // The generated validator passes the path of the property with dots: "FastGate.Devices.Listen".
        string key = validationContext.DisplayName.Replace('.', ':') + failure.Item;
        return new ValidationResult(OptionFailure.Text(key, Secret ? OptionFailure.Masked : failure.Shown, failure.Allowed));
    }

    /// <summary>Null for a value that is allowed. <c>Item</c> is added to the key: empty, or <c>:2</c> for an item of a list.</summary>
    protected abstract (string Item, string Shown, string Allowed)? Check(object value);
}
