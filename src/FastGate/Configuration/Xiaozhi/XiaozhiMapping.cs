using System.Globalization;
using System.Net;
using System.Net.Sockets;
using YamlDotNet.RepresentationModel;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>
/// One row of the mapping from the old server's keys. <paramref name="Path"/> is a path in its YAML, where <c>{selected}</c> is the name at
/// <c>selected_module.Memory</c>; <paramref name="Convert"/> writes the node to <paramref name="Key"/>, or below it.
/// </summary>
internal sealed record XiaozhiMapping(string Path, string Key, Action<XiaozhiConfigReader, YamlNode, XiaozhiMapping> Convert)
{
    /// <summary>In this order: the first row that sets a key wins. The READMEs contain this table.</summary>
    public static IReadOnlyList<XiaozhiMapping> Table { get; } =
    [
        new("server.port", "Devices:Listen", static (reader, node, row) => SetListen(reader, node, row, XiaozhiYaml.Text(node))),
        new("server.ip", "Devices:Listen", static (reader, node, row) => SetListen(reader, node, row, "8000")),
        new("server.http_port", "Http:Listen", static (reader, node, row) => SetListen(reader, node, row, XiaozhiYaml.Text(node))),
        new("server.ip", "Http:Listen", static (reader, node, row) => SetListen(reader, node, row, "8003")),
        new("server.websocket", "Http:WebSocketUrl", SetUnlessPlaceholder),
        new("server.timezone_offset", "Http:TimezoneOffset", static (reader, node, row) => SetDuration(reader, node, row, TimeSpan.TicksPerHour, "hours")),
        new("server.auth.enabled", "Auth:Enabled", SetText),
        new("server.auth_key", "Auth:Key", SetUnlessPlaceholder),
        new("manager-api.secret", "Auth:Key", SetUnlessPlaceholder),
        new("server.auth.tokens", "Auth:Tokens", static (reader, node, row) => SetList(reader, node, row, static item => item is YamlMappingNode entry ? entry.Child("token") : item)),
        new("server.auth.allowed_devices", "Auth:AllowedDevices", static (reader, node, row) => SetList(reader, node, row, static item => item)),
        new("server.auth.expire_seconds", "Auth:ExpireSeconds", SetPositive),
        new("manager-api.secret", "Management:Secret", SetUnlessPlaceholder),
        new("selected_module.LLM", "Llm:Default", SetUnlessPlaceholder),
        new("LLM", "Llm:Providers", SetProviders),
        new("llm_by_mode", "Llm:ByMode", SetModes),
        new("Memory.{selected}.llm", "Llm:ByMode:memory", static (reader, node, row) => SetUnless(reader, node, row, row.Key, SetUnlessPlaceholder)),
        new("Memory.{selected}.type", "Memory:Provider", SetMemoryProvider),
        new("selected_module.Memory", "Memory:Provider", SetMemoryProvider),
        new("prompt", "Session:Prompt", SetText),
        new("wakeup_words", "Session:WakeupWords", static (reader, node, row) => SetList(reader, node, row, static item => item)),
        new("exit_commands", "Session:ExitCommands", static (reader, node, row) => SetList(reader, node, row, static item => item)),
        new("end_prompt.enable", "Session:Goodbye", SetGoodbye),
        new("end_prompt.prompt", "Session:EndPrompt", static (reader, node, row) => SetUnless(reader, node, row, "Session:Goodbye", SetText)),
        new("system_error_response", "Session:SystemErrorResponse", SetText),
        new("close_connection_no_voice_time", "Devices:Timeouts:Idle", static (reader, node, row) => SetDuration(reader, node, row, TimeSpan.TicksPerSecond, "seconds")),
    ];

    private static void SetText(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) => reader.Set(row.Key, XiaozhiYaml.Text(node), node, row.Path);

    private static void SetUnlessPlaceholder(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (!XiaozhiYaml.IsPlaceholder(node))
        {
            SetText(reader, node, row);
        }
    }

    private static void SetUnless(
        XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, string key, Action<XiaozhiConfigReader, YamlNode, XiaozhiMapping> set)
    {
        if (!reader.IsSet(key))
        {
            set(reader, node, row);
        }
    }

    /// <summary>The address is <c>server.ip</c>, wherever the port comes from.</summary>
    private static void SetListen(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, string? port)
    {
        string ip = XiaozhiYaml.Text(reader.Find("server.ip")) ?? "0.0.0.0";
        bool isIPv6 = IPAddress.TryParse(ip, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        if (port is not null && !XiaozhiYaml.IsPlaceholder(node))
        {
            reader.Set(row.Key, isIPv6 ? $"[{ip}]:{port}" : $"{ip}:{port}", node, row.Path);
        }
    }

    /// <summary>To the old server a number that is not positive means its default.</summary>
    private static void SetPositive(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (XiaozhiYaml.Text(node) is string text && !text.StartsWith('-') && text != "0")
        {
            SetText(reader, node, row);
        }
    }

    /// <summary>A text that is no number is passed on with its unit, so that validation reports it with its place.</summary>
    private static void SetDuration(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, long ticks, string unit)
    {
        if (XiaozhiYaml.Text(node) is string text)
        {
            bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 1e9;
            reader.Set(row.Key, isNumber ? new TimeSpan((long)(number * ticks)).ToString("c", CultureInfo.InvariantCulture) : $"{text} {unit}", node, row.Path);
        }
    }

    private static void SetList(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, Func<YamlNode, YamlNode?> select)
    {
        int index = 0;
        foreach (YamlNode item in node is YamlSequenceNode sequence ? sequence.Children : [node])
        {
            if (select(item) is { } chosen && XiaozhiYaml.Text(chosen) is string text)
            {
                reader.Set(FormattableString.Invariant($"{row.Key}:{index++}"), text, chosen, row.Path);
            }
        }
    }

    private static void SetModes(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (node is YamlMappingNode)
        {
            reader.SetTree(row.Key, node, row.Path);
        }
        else
        {
            reader.Ignore(row.Path);
        }
    }

    private static void SetProviders(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (node is not YamlMappingNode providers)
        {
            reader.Ignore(row.Path);
            return;
        }

        foreach ((string alias, YamlNode provider) in providers.Entries())
        {
            // A colon would be another level of the key.
            if (alias.Contains(':') || provider is not YamlMappingNode)
            {
                reader.Ignore($"{row.Path}.{alias}");
            }
            else
            {
                reader.SetTree($"{row.Key}:{alias}", provider, $"{row.Path}.{alias}");
            }
        }
    }

    /// <summary>Each memory of the old server that keeps anything becomes the embedded store.</summary>
    private static void SetMemoryProvider(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (XiaozhiYaml.Text(node) is string type)
        {
            reader.Set(row.Key, type == "nomem" ? "None" : "Sqlite", node, row.Path);
        }
    }

    /// <summary>The old server reads YAML 1.1, which has several words for false.</summary>
    private static void SetGoodbye(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (XiaozhiYaml.Text(node)?.ToLowerInvariant() is "false" or "no" or "off")
        {
            reader.Set(row.Key, "false", node, row.Path);
        }
    }
}
