using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastGate.Tools.Device;

/// <summary>
/// Makes schemas that strict providers accept from what devices write: type object at the top, a type for each property, bounds that are numbers,
/// nothing but known keywords.
/// </summary>
internal static partial class ToolSchema
{
    /// <summary>Bytes of one schema.</summary>
    public const int MaxBytes = 8 * 1024;

    private const int MaxDepth = 6;

    private static readonly string[] s_numbers =
        ["exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems"];

    /// <summary>The schema of a tool that takes no arguments.</summary>
    public static JsonElement Empty { get; } = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <summary>The schema of the arguments of an MCP tool. Null when it is too long.</summary>
    public static JsonElement? OfTool(JsonElement tool)
    {
        JsonElement schema = DeviceJson.Member(tool, "inputSchema", JsonValueKind.Object);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema = DeviceJson.Member(tool, "parameters", JsonValueKind.Object);
        }

        return Build(writer => WriteObject(writer, schema, depth: 0));
    }

    /// <summary>The schema of the parameters of an <c>iot</c> method: an object by name, or an array of objects with a name. Null when it is too long.</summary>
    public static JsonElement? OfMethod(JsonElement method) => Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        List<string> names = [];
        foreach ((string name, JsonElement parameter) in Parameters(method))
        {
            if (IsPropertyName(name) && !names.Contains(name, StringComparer.Ordinal))
            {
                names.Add(name);
                writer.WritePropertyName(name);
                WriteValue(writer, parameter, depth: 1);
            }
        }

        writer.WriteEndObject();
        WriteNames(writer, names);
        writer.WriteEndObject();
    });

    private static IEnumerable<(string Name, JsonElement Parameter)> Parameters(JsonElement method)
    {
        if (method.ValueKind != JsonValueKind.Object || !method.TryGetProperty("parameters", out JsonElement parameters))
        {
            return [];
        }

        return parameters.ValueKind switch
        {
            JsonValueKind.Object => parameters.EnumerateObject().Select(static property => (property.Name, property.Value)),
            JsonValueKind.Array => parameters.EnumerateArray().Select(static parameter => (DeviceJson.Text(parameter, "name"), parameter)),
            _ => [],
        };
    }

    private static JsonElement? Build(Action<Utf8JsonWriter> write)
    {
        var json = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(json, DeviceJson.Plain))
        {
            write(writer);
        }

        return json.WrittenCount > MaxBytes ? null : JsonElement.Parse(json.WrittenSpan);
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement schema, int depth)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        WriteDescription(writer, schema);
        WriteProperties(writer, schema, depth);
        writer.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter writer, JsonElement schema, int depth)
    {
        writer.WriteStartObject("properties");
        List<string> names = [];
        JsonElement properties = DeviceJson.Member(schema, "properties", JsonValueKind.Object);
        if (properties.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                if (IsPropertyName(property.Name) && !names.Contains(property.Name, StringComparer.Ordinal))
                {
                    names.Add(property.Name);
                    writer.WritePropertyName(property.Name);

                    // Of a repeated name, the last value counts.
                    WriteValue(writer, properties.GetProperty(property.Name), depth + 1);
                }
            }
        }

        writer.WriteEndObject();
        JsonElement required = DeviceJson.Member(schema, "required", JsonValueKind.Array);
        if (required.ValueKind == JsonValueKind.Array)
        {
            WriteNames(writer, required.EnumerateArray()
                .Where(static name => name.ValueKind == JsonValueKind.String)
                .Select(static name => name.GetString()!)
                .Where(names.Contains)
                .Distinct(StringComparer.Ordinal)
                .ToList());
        }
    }

    private static void WriteNames(Utf8JsonWriter writer, List<string> required)
    {
        if (required.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("required");
        foreach (string name in required)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, JsonElement schema, int depth)
    {
        string type = TypeOf(schema);
        writer.WriteStartObject();
        writer.WriteString("type", type);
        WriteDescription(writer, schema);
        WriteEnum(writer, schema, type);
        WriteBounds(writer, schema, type);
        if (depth < MaxDepth && type == "object")
        {
            WriteProperties(writer, schema, depth);
        }
        else if (type == "array")
        {
            // A schema of an array without its items is refused.
            writer.WritePropertyName("items");
            WriteValue(writer, depth < MaxDepth ? DeviceJson.Member(schema, "items", JsonValueKind.Object) : default, depth + 1);
        }

        writer.WriteEndObject();
    }

    /// <summary>The type, as devices spell it, or what the other keywords need.</summary>
    private static string TypeOf(JsonElement schema)
    {
        string type = schema.ValueKind == JsonValueKind.String ? schema.GetString()! : TypeText(schema);
        return type.ToLowerInvariant() switch
        {
            "object" or "dict" or "map" => "object",
            "array" or "list" => "array",
            "integer" or "int" or "int32" or "uint8" or "uint16" or "uint32" or "long" => "integer",
            "number" or "float" or "double" => "number",
            "boolean" or "bool" => "boolean",
            "" when Has(schema, "properties") => "object",
            "" when Has(schema, "items") => "array",
            "" when Has(schema, "minimum") || Has(schema, "maximum") => "number",
            _ => "string",
        };
    }

    /// <summary>Of several types, the first that is not null.</summary>
    private static string TypeText(JsonElement schema)
    {
        JsonElement types = DeviceJson.Member(schema, "type", JsonValueKind.Array);
        return types.ValueKind == JsonValueKind.Array
            ? types.EnumerateArray().Where(static type => type.ValueKind == JsonValueKind.String).Select(static type => type.GetString()!).FirstOrDefault(static type => type != "null") ?? ""
            : DeviceJson.Text(schema, "type");
    }

    private static void WriteDescription(Utf8JsonWriter writer, JsonElement schema)
    {
        if (DeviceJson.Text(schema, "description") is { Length: > 0 } description)
        {
            writer.WriteString("description", DeviceJson.Cut(description, McpToolList.MaxDescription));
        }
    }

    private static void WriteEnum(Utf8JsonWriter writer, JsonElement schema, string type)
    {
        JsonElement values = DeviceJson.Member(schema, "enum", JsonValueKind.Array);
        if (values.ValueKind != JsonValueKind.Array || !values.EnumerateArray().Any(value => IsOf(value, type)))
        {
            return;
        }

        writer.WriteStartArray("enum");
        foreach (JsonElement value in values.EnumerateArray().Where(value => IsOf(value, type)))
        {
            value.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteBounds(Utf8JsonWriter writer, JsonElement schema, string type)
    {
        if (type is "integer" or "number")
        {
            decimal? least = Number(schema, "minimum");
            decimal? most = Number(schema, "maximum");
            if (!(least > most))
            {
                Write(writer, "minimum", least);
                Write(writer, "maximum", most);
            }
        }

        foreach (string name in s_numbers)
        {
            JsonElement value = DeviceJson.Member(schema, name, JsonValueKind.Number);
            if (value.ValueKind == JsonValueKind.Number)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("default", out JsonElement normal) && IsOf(normal, type))
        {
            writer.WritePropertyName("default");
            normal.WriteTo(writer);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, decimal? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    /// <summary>A number, or a string that contains one.</summary>
    private static decimal? Number(JsonElement schema, string name)
    {
        JsonElement number = DeviceJson.Member(schema, name, JsonValueKind.Number);
        if (number.ValueKind == JsonValueKind.Number)
        {
            return number.TryGetDecimal(out decimal value) ? value : null;
        }

        return decimal.TryParse(
            DeviceJson.Text(schema, name), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal parsed)
            ? parsed
            : null;
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" or "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => false,
    };

    private static bool Has(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out _);

    private static bool IsPropertyName(string name) => PropertyName().IsMatch(name);

    /// <summary>What Anthropic accepts as the name of an argument.</summary>
    [GeneratedRegex("^[a-zA-Z0-9_.-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex PropertyName();
}
