using System.Security.Cryptography;
using System.Text.Json;
using FastGate.Conversation.Tools;

namespace FastGate.Tools.Device;

/// <summary>Collects the pages of a tool list within bounds. A tool that cannot be offered is left out.</summary>
internal sealed class McpToolList
{
    public const int MaxPages = 32;
    public const int MaxTools = 128;

    /// <summary>Characters of a description.</summary>
    public const int MaxDescription = 1_024;

    /// <summary>Bytes of the schemas and descriptions of a device together.</summary>
    public const int MaxBytes = 128 * 1024;

    private const int MaxNameLength = 256;
    private const int MaxCursorLength = 512;

    private readonly List<DeviceTool> _tools = [];
    private readonly HashSet<string> _deviceNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _cursors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private byte[] _digest = [];
    private int _bytes;

    public IReadOnlyList<DeviceTool> Tools => _tools;

    /// <summary>Identifies the pages: half of a SHA-256, so that no device can write another page with the same digest.</summary>
    public Guid Digest => _digest.Length == 0 ? Guid.Empty : new Guid(_digest.AsSpan(0, 16));

    /// <summary>The digest of a list of one page.</summary>
    public static Guid DigestOf(byte[] page) => new(SHA256.HashData(page).AsSpan(0, 16));

    public int LeftOut { get; private set; }

    /// <summary>Why the list was not read to its end; null when it was.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Adds a page. Returns the cursor of the next page, or empty after the last.</summary>
    public string Add(byte[] page)
    {
        _digest = SHA256.HashData([.. _digest, .. page]);
        try
        {
            using var document = JsonDocument.Parse(page);
            JsonElement tools = DeviceJson.Member(document.RootElement, "tools", JsonValueKind.Array);
            if (tools.ValueKind != JsonValueKind.Array)
            {
                return Refuse("a page has no tools");
            }

            foreach (JsonElement tool in tools.EnumerateArray())
            {
                AddTool(tool);
            }

            return Refusal is null ? Next(DeviceJson.Text(document.RootElement, "nextCursor")) : "";
        }
        catch (Exception exception) when (DeviceJson.IsUnreadable(exception))
        {
            return Refuse("a page cannot be read");
        }
    }

    private string Next(string cursor)
    {
        if (cursor.Length == 0)
        {
            return "";
        }

        if (cursor.Length > MaxCursorLength)
        {
            return Refuse("a cursor is too long");
        }

        if (!_cursors.Add(cursor))
        {
            return Refuse("a cursor is repeated");
        }

        return _cursors.Count < MaxPages ? cursor : Refuse("it has too many pages");
    }

    private void AddTool(JsonElement json)
    {
        if (_tools.Count == MaxTools)
        {
            Refuse("it has too many tools");
            LeftOut++;
            return;
        }

        if (Read(json) is not { } tool)
        {
            LeftOut++;
            return;
        }

        _bytes += tool.Description.Length + tool.Schema.GetRawText().Length;
        if (_bytes > MaxBytes)
        {
            Refuse("its descriptions are too long");
            LeftOut++;
            return;
        }

        _tools.Add(tool);
    }

    /// <summary>Null for a tool without a name, with the name of an earlier one, or with a schema that is too long.</summary>
    private DeviceTool? Read(JsonElement json)
    {
        try
        {
            string name = DeviceJson.Text(json, "name");
            string description = DeviceJson.Cut(DeviceJson.Text(json, "description"), MaxDescription);
            if (name.Length is 0 or > MaxNameLength
                || ToolSchema.OfTool(json) is not { } schema
                || !_deviceNames.Add(name))
            {
                return null;
            }

            return new DeviceTool(name, ToolName.Claim(_names, ToolName.Fit(name)), description, schema);
        }
        catch (Exception exception) when (DeviceJson.IsUnreadable(exception))
        {
            return null;
        }
    }

    private string Refuse(string reason)
    {
        Refusal ??= reason;
        return "";
    }
}
