using System.Text;
using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>Makes text for the model from the result of a <c>tools/call</c>.</summary>
internal static class McpResult
{
    /// <summary>Characters of a result that the model gets.</summary>
    public const int MaxText = 8_000;

    /// <summary>Throws <see cref="DeviceToolException"/> for a result that is an error or cannot be read.</summary>
    public static string Read(byte[] result)
    {
        string text;
        bool isError;
        try
        {
            using var document = JsonDocument.Parse(result);
            isError = document.RootElement.TryGetProperty("isError", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
            text = TextOf(document.RootElement);
        }
        catch (Exception exception) when (DeviceJson.IsUnreadable(exception))
        {
            throw new DeviceToolException("The device answered with a result that cannot be read.");
        }

        text = DeviceJson.Cut(text, MaxText);
        return isError ? throw new DeviceToolException(text.Length == 0 ? "The device reported an error." : text) : text;
    }

    private static string TextOf(JsonElement result)
    {
        var text = new StringBuilder();
        JsonElement content = DeviceJson.Member(result, "content", JsonValueKind.Array);
        if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement part in content.EnumerateArray())
            {
                if (text.Length > MaxText)
                {
                    break;
                }

                Append(text, PartOf(part));
            }
        }
        else if (DeviceJson.Text(result, "content") is { Length: > 0 } plain)
        {
            text.Append(plain);
        }

        if (text.Length == 0 && result.TryGetProperty("structuredContent", out JsonElement structured))
        {
            text.Append(structured.GetRawText());
        }

        return text.ToString();
    }

    private static string PartOf(JsonElement part) => DeviceJson.Text(part, "type") switch
    {
        "text" => DeviceJson.Text(part, "text"),
        "image" => "[The device answered with an image, which is not shown.]",
        "audio" => "[The device answered with a sound, which is not heard.]",
        "resource" => DeviceJson.Text(DeviceJson.Member(part, "resource", JsonValueKind.Object), "text"),
        _ => part.ValueKind == JsonValueKind.String ? part.GetString()! : DeviceJson.Text(part, "text"),
    };

    private static void Append(StringBuilder text, string part)
    {
        if (part.Length == 0)
        {
            return;
        }

        if (text.Length > 0)
        {
            text.Append('\n');
        }

        text.Append(part);
    }
}
