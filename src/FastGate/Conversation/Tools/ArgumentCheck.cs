using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastGate.Conversation.Tools;

/// <summary>
/// Compares the arguments of a call with the JSON schema of its tool, before the tool sees them. Values that a model writes in another form, such
/// as "5" for 5, are converted. Checked are types, required, enum, const, bounds, items, and unknown properties where the schema forbids them; what
/// it does not know it accepts.
/// </summary>
internal static class ArgumentCheck
{
    private const int MaxDepth = 16;

    /// <summary>Null when the arguments fit; otherwise what is wrong, for the model. Converts values in place.</summary>
    public static string? Check(JsonElement schema, JsonObject arguments) => CheckObject(schema, arguments, "", 0);

    private static string? CheckObject(JsonElement schema, JsonObject value, string path, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return null;
        }

        bool hasProperties = schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object;
        string[] required = [.. Strings(schema, "required")];
        foreach (string name in value.Select(static pair => pair.Key).ToArray())
        {
            string at = path.Length == 0 ? name : $"{path}.{name}";
            if (!hasProperties || !properties.TryGetProperty(name, out JsonElement property))
            {
                if (schema.TryGetProperty("additionalProperties", out JsonElement additional) && additional.ValueKind == JsonValueKind.False)
                {
                    return $"there is no argument '{at}'";
                }

                continue;
            }

            if (value[name] is null && !required.Contains(name) && !Allows(property, "null"))
            {
                // A model that writes null for an argument leaves it out.
                value.Remove(name);
                continue;
            }

            if (CheckValue(property, value[name], at, depth + 1, out JsonNode? converted) is { } error)
            {
                return error;
            }

            if (converted is not null)
            {
                value[name] = converted;
            }
        }

        string? missing = Array.Find(required, name => !value.ContainsKey(name));
        return missing is null ? null : $"the argument '{(path.Length == 0 ? missing : $"{path}.{missing}")}' is missing";
    }

    /// <summary><paramref name="converted"/> is null where the value stays as it is.</summary>
    private static string? CheckValue(JsonElement schema, JsonNode? value, string path, int depth, out JsonNode? converted)
    {
        converted = null;
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return null;
        }

        foreach (string choice in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out JsonElement options) && options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0)
            {
                string? first = null;
                foreach (JsonElement option in options.EnumerateArray())
                {
                    if (CheckValue(option, value, path, depth + 1, out converted) is not { } wrong)
                    {
                        return null;
                    }

                    first ??= wrong;
                }

                return first;
            }
        }

        string[] types = [.. Strings(schema, "type")];
        if (types.Length > 0 && !Array.Exists(types, type => Is(type, value)))
        {
            converted = types.Select(type => Convert(type, value)).FirstOrDefault(static node => node is not null);
            if (converted is null)
            {
                return $"the argument '{path}' must be {string.Join(" or ", types)}";
            }

            value = converted;
        }

        return CheckChoice(schema, value, path) ?? CheckBounds(schema, value, path) ?? value switch
        {
            JsonObject nested => CheckObject(schema, nested, path, depth),
            JsonArray items => CheckItems(schema, items, path, depth),
            _ => null,
        };
    }

    private static string? CheckItems(JsonElement schema, JsonArray items, string path, int depth)
    {
        if (Bound(schema, "minItems") > items.Count || Bound(schema, "maxItems") < items.Count)
        {
            return $"the argument '{path}' has {items.Count} items";
        }

        if (schema.TryGetProperty("items", out JsonElement item))
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (CheckValue(item, items[i], $"{path}[{i}]", depth + 1, out JsonNode? converted) is { } error)
                {
                    return error;
                }

                if (converted is not null)
                {
                    items[i] = converted;
                }
            }
        }

        return null;
    }

    private static string? CheckChoice(JsonElement schema, JsonNode? value, string path)
    {
        if (schema.TryGetProperty("enum", out JsonElement choices) && choices.ValueKind == JsonValueKind.Array
            && !choices.EnumerateArray().Any(choice => IsSame(choice, value)))
        {
            return $"the argument '{path}' must be one of {choices.GetRawText()}";
        }

        return schema.TryGetProperty("const", out JsonElement only) && !IsSame(only, value) ? $"the argument '{path}' must be {only.GetRawText()}" : null;
    }

    private static string? CheckBounds(JsonElement schema, JsonNode? value, string path)
    {
        if (Number(value) is { } number)
        {
            return number < Bound(schema, "minimum") || number <= Bound(schema, "exclusiveMinimum")
                || number > Bound(schema, "maximum") || number >= Bound(schema, "exclusiveMaximum")
                ? $"the argument '{path}' is outside {Range(schema)}"
                : null;
        }

        return Text(value) is { } text && (text.Length < Bound(schema, "minLength") || text.Length > Bound(schema, "maxLength"))
            ? $"the argument '{path}' has {text.Length} characters"
            : null;
    }

    private static string Range(JsonElement schema) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Bound(schema, "minimum") ?? Bound(schema, "exclusiveMinimum")}..{Bound(schema, "maximum") ?? Bound(schema, "exclusiveMaximum")}");

    private static bool Allows(JsonElement schema, string type) =>
        schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out _) || Strings(schema, "type").Contains(type);

    private static bool Is(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "null" => value is null,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => Number(value) is not null,
        // A tool reads 5.0 as a whole number only where it is written as one.
        "integer" => Number(value) is not null && value!.AsValue().TryGetValue(out long _),
        _ => true,
    };

    private static JsonValue? Convert(string type, JsonNode? value)
    {
        string? text = Text(value);
        switch (type)
        {
            case "integer" when (Number(value) ?? Parse(text)) is { } number && number == Math.Floor(number) && Math.Abs(number) < 1L << 53:
                return Parsed(((long)number).ToString(CultureInfo.InvariantCulture));
            case "number" when Parse(text) is { } number:
                return Parsed(number.ToString("R", CultureInfo.InvariantCulture));
            case "boolean" when bool.TryParse(text, out bool flag):
                return JsonValue.Create(flag);
            case "string" when value?.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return JsonValue.Create(value.ToJsonString());
            default:
                return null;
        }
    }

    /// <summary>A number from text answers for every type of number, unlike one that was made from a long.</summary>
    private static JsonValue Parsed(string number) => JsonNode.Parse(number)!.AsValue();

    private static double? Parse(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static double? Number(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue(out double number) && double.IsFinite(number) ? number : null;

    private static double? Bound(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement bound) && bound.ValueKind == JsonValueKind.Number && bound.TryGetDouble(out double number) ? number : null;

    private static bool IsSame(JsonElement choice, JsonNode? value) => choice.ValueKind switch
    {
        JsonValueKind.Null => value is null,
        JsonValueKind.Number => Number(value) == choice.GetDouble(),
        _ => value is not null && JsonNode.DeepEquals(JsonNode.Parse(choice.GetRawText()), value),
    };

    /// <summary>The texts of a member that is a text or a list of texts.</summary>
    private static IEnumerable<string> Strings(JsonElement schema, string name) => !schema.TryGetProperty(name, out JsonElement member) ? []
        : member.ValueKind == JsonValueKind.String ? [member.GetString()!]
        : member.ValueKind == JsonValueKind.Array ? member.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()!)
        : [];
}
