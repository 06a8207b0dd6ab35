using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>
/// A list of tools as JSON, one object for each tool, in the form that devices use. Devices with one firmware share a list; it is written and read
/// once for all of them.
/// </summary>
internal static class DeviceToolJson
{
    private static readonly ConditionalWeakTable<IReadOnlyList<DeviceTool>, IReadOnlyList<ReadOnlyMemory<byte>>> s_written = [];

    /// <summary>Any thread.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Write(IReadOnlyList<DeviceTool> tools) =>
        tools.Count == 0 ? [] : s_written.GetValue(tools, static tools => [.. tools.Select(Write)]);

    /// <summary>Any thread. Tools that are not readable are left out.</summary>
    public static IReadOnlyList<DeviceTool> Read(IReadOnlyList<ReadOnlyMemory<byte>> tools, ToolLists lists)
    {
        if (tools.Count == 0)
        {
            return [];
        }

        var page = new ArrayBufferWriter<byte>();
        page.Write("{\"tools\":["u8);
        for (int i = 0; i < tools.Count; i++)
        {
            page.Write(i == 0 ? default : ","u8);
            page.Write(tools[i].Span);
        }

        page.Write("]}"u8);
        byte[] bytes = page.WrittenSpan.ToArray();
        if (lists.Find(McpToolList.DigestOf(bytes)) is { } known)
        {
            return known;
        }

        var list = new McpToolList();
        list.Add(bytes);
        return lists.Share(list.Digest, list.Tools);
    }

    private static ReadOnlyMemory<byte> Write(DeviceTool tool)
    {
        var json = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(json, DeviceJson.Plain);
        writer.WriteStartObject();
        writer.WriteString("name", tool.DeviceName);
        writer.WriteString("description", tool.Description);
        writer.WritePropertyName("inputSchema");
        tool.Schema.WriteTo(writer);
        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenMemory;
    }
}
