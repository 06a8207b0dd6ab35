namespace FastGate.Configuration.Validation;

/// <summary>Device ids, as long as the handshake accepts them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DeviceIdsAttribute() : ItemsAttribute(mostItems: 100_000)
{
    protected override string AllowedItem => "a device id of 1 to 128 characters without control characters";

    protected override bool IsAllowed(string item) => item.Length is > 0 and <= 128 && !item.Any(char.IsControl);
}
