using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;

namespace FastGate.CommandLine.Commands;

/// <summary>The defaults of the option records as an appsettings.json.</summary>
internal static class DefaultConfiguration
{
    public static JsonElement Create() => JsonElement.Parse(new JsonObject { [GatewayOptions.Section] = Section(new GatewayOptions()) }.ToJsonString());

    private static JsonObject Section(IOptionSection options)
    {
        var section = new JsonObject();
        foreach (PropertyInfo property in OptionSchema.PropertiesOf(options).OrderBy(static property => property.Name, StringComparer.Ordinal))
        {
            if (Value(property.GetValue(options)) is { } value)
            {
                section[property.Name] = value;
            }
        }

        return section;
    }

    private static JsonNode? Value(object? value) => value switch
    {
        null => null,
        IOptionSection section => Section(section) is { Count: > 0 } inner ? inner : null,
        string text => text,
        bool truth => truth,
        int number => number,
        long number => number,
        double number => number,
        IEnumerable items => new JsonArray([.. items.Cast<object>().Select(Value)]) is { Count: > 0 } list ? list : null,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null,
    };
}
