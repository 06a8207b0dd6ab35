using System.Text;
using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>One thing that a device with old firmware consists of: a speaker, a lamp. Changed by the reader of reports only.</summary>
internal sealed partial class IotThing(string name)
{
    public const int MaxMethods = 16;

    private volatile string? _state;

    public string Name { get; } = name;

    /// <summary>What the thing is, for the model.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Whether it has properties, so that it has a state.</summary>
    public bool HasState { get; private set; }

    public IReadOnlyList<IotMethod> Methods { get; private set; } = [];

    /// <summary>The last state that the device has reported, as JSON. Any thread.</summary>
    public string? State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>Takes a descriptor.</summary>
    public void Describe(JsonElement descriptor)
    {
        var description = new StringBuilder(DeviceJson.Text(descriptor, "description"));
        HasState = false;
        JsonElement properties = DeviceJson.Member(descriptor, "properties", JsonValueKind.Object);
        if (properties.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                description.Append(HasState ? ", " : " (").Append(property.Name);
                if (DeviceJson.Text(property.Value, "description") is { Length: > 0 } text)
                {
                    description.Append(": ").Append(text);
                }

                HasState = true;
            }

            description.Append(HasState ? ")" : "");
        }

        Description = DeviceJson.Cut(description.ToString(), McpToolList.MaxDescription);
        Methods = [.. ReadMethods(DeviceJson.Member(descriptor, "methods", JsonValueKind.Object))];
    }

    private static IEnumerable<IotMethod> ReadMethods(JsonElement methods)
    {
        if (methods.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (JsonProperty method in methods.EnumerateObject().Take(MaxMethods))
        {
            if (method.Name.Length is > 0 and <= IotThings.MaxName && ToolSchema.OfMethod(method.Value) is { } schema)
            {
                yield return new IotMethod(method.Name, DeviceJson.Cut(DeviceJson.Text(method.Value, "description"), McpToolList.MaxDescription), schema);
            }
        }
    }
}
