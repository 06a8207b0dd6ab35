using System.Text.Json;

namespace FastGate.Tools.Device;

/// <content>A thing as JSON, for another process.</content>
internal sealed partial class IotThing
{
    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteString("description", Description);
        writer.WriteBoolean("hasState", HasState);
        if (State is { } state)
        {
            writer.WriteString("state", state);
        }

        writer.WriteStartArray("methods");
        foreach (IotMethod method in Methods)
        {
            writer.WriteStartObject();
            writer.WriteString("name", method.Name);
            writer.WriteString("description", method.Description);
            writer.WritePropertyName("schema");
            method.Schema.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static IotThing Restore(JsonElement saved) => new(DeviceJson.Text(saved, "name"))
    {
        Description = DeviceJson.Text(saved, "description"),
        HasState = saved.GetProperty("hasState").GetBoolean(),
        State = saved.TryGetProperty("state", out JsonElement state) ? state.GetString() : null,
        Methods = [.. saved.GetProperty("methods").EnumerateArray().Select(static method => new IotMethod(
            DeviceJson.Text(method, "name"), DeviceJson.Text(method, "description"), method.GetProperty("schema").Clone()))],
    };
}
