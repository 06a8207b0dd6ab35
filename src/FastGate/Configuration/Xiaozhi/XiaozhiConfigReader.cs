using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastGate.Configuration.Loading;
using FastGate.Llm.Settings;
using YamlDotNet.RepresentationModel;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>Turns the old server's <c>config.yaml</c>, with <c>data/.config.yaml</c> laid over it, into FastGate's keys.</summary>
internal sealed class XiaozhiConfigReader
{
    private const string Placeholder = "你";
    private const string OverrideName = "data/.config.yaml";

    private readonly Dictionary<string, string?> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _origins = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _ignored = [];
    private readonly string _path;

    /// <summary>The override file and its nodes, so that a message names the file a value really stands in.</summary>
    private readonly string? _overridePath;
    private readonly HashSet<YamlNode> _overrideNodes = new(ReferenceEqualityComparer.Instance);

    private XiaozhiConfigReader(string path, string? overridePath) => (_path, _overridePath) = (path, overridePath);

    /// <summary>Null with the reason when a file is missing or broken. Relative paths are relative to <paramref name="workingDirectory"/>.</summary>
    public static XiaozhiConfig? Read(string path, string workingDirectory, out string? failure)
    {
        string main = Path.GetFullPath(path, workingDirectory);
        string[] overrides =
        [
            .. new[] { Path.GetFullPath(OverrideName, Path.GetDirectoryName(main)!), Path.GetFullPath(OverrideName, workingDirectory) }
                .Where(candidate => candidate != main).Distinct(),
        ];
        if (XiaozhiYaml.Read(main, out failure) is not YamlMappingNode root)
        {
            return null;
        }

        // The one beside the file is the file's own; the working directory's is where the old server looked.
        string? above = overrides.FirstOrDefault(File.Exists);
        var reader = new XiaozhiConfigReader(main, above);
        if (above is not null)
        {
            if (XiaozhiYaml.Read(above, out failure) is not YamlMappingNode upper)
            {
                return null;
            }

            reader._overrideNodes.UnionWith(upper.AllNodes);
            root = XiaozhiYaml.Merge(root, upper);
        }

        reader.MapRoot(root);
        return new XiaozhiConfig(reader._keys, reader._origins, reader._ignored, [main, .. overrides]);
    }

    private void MapRoot(YamlMappingNode root)
    {
        YamlMappingNode? memories = null;
        YamlMappingNode? selected = null;
        foreach ((string name, YamlNode node) in Entries(root))
        {
            switch (name)
            {
                case "server" when node is YamlMappingNode server: MapServer(server); break;
                case "manager-api" when node is YamlMappingNode manager: MapManager(manager); break;
                case "LLM" when node is YamlMappingNode providers: MapProviders(providers); break;
                case "llm_by_mode" when node is YamlMappingNode modes: MapTree("Llm:ByMode", modes, name); break;
                case "selected_module" when node is YamlMappingNode modules: selected = modules; break;
                case "Memory" when node is YamlMappingNode mapping: memories = mapping; break;
                case "prompt": Set("Session:Prompt", node, name); break;
                case "wakeup_words": SetList("Session:WakeupWords", node, name); break;
                case "exit_commands": SetList("Session:ExitCommands", node, name); break;
                case "end_prompt" when node is YamlMappingNode end: MapEndPrompt(end); break;
                case "system_error_response": Set("Session:SystemErrorResponse", node, name); break;
                case "close_connection_no_voice_time": SetSeconds("Devices:Timeouts:Idle", node, name); break;
                default: _ignored.Add(name); break;
            }
        }

        MapSelected(selected, memories);

        // The old server signs its tokens with the console's secret when it has no key of its own.
        if (!_keys.ContainsKey("Auth:Key") && _keys.TryGetValue("Management:Secret", out string? secret))
        {
            _keys["Auth:Key"] = secret;
        }
    }

    private void MapServer(YamlMappingNode server)
    {
        string ip = XiaozhiYaml.Text(server.Child("ip")) ?? "0.0.0.0";
        if (IPAddress.TryParse(ip, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            ip = $"[{ip}]";
        }

        foreach ((string name, YamlNode node) in Entries(server))
        {
            string origin = $"server.{name}";
            switch (name)
            {
                case "ip": break;
                case "port": SetListen("Devices:Listen", ip, node, origin); break;
                case "http_port": SetListen("Http:Listen", ip, node, origin); break;
                case "websocket": SetUnlessPlaceholder("Http:WebSocketUrl", node, origin); break;
                case "auth_key": SetUnlessPlaceholder("Auth:Key", node, origin); break;
                case "timezone_offset": SetHours("Http:TimezoneOffset", node, origin); break;
                case "auth" when node is YamlMappingNode auth: MapAuth(auth); break;
                default: _ignored.Add(origin); break;
            }
        }

        if (server.Child("ip") is YamlNode ipNode)
        {
            SetDefault("Devices:Listen", $"{ip}:8000", ipNode, "server.ip");
            SetDefault("Http:Listen", $"{ip}:8003", ipNode, "server.ip");
        }
    }

    private void MapAuth(YamlMappingNode auth)
    {
        foreach ((string name, YamlNode node) in Entries(auth))
        {
            string origin = $"server.auth.{name}";
            switch (name)
            {
                case "enabled": Set("Auth:Enabled", node, origin); break;
                case "allowed_devices": SetList("Auth:AllowedDevices", node, origin); break;
                case "tokens": SetList("Auth:Tokens", node, origin, static item => item is YamlMappingNode entry ? entry.Child("token") : item); break;
                // Not positive means the default to the old server, as it does when it is not set.
                case "expire_seconds" when XiaozhiYaml.Text(node) is string text && !text.StartsWith('-') && text != "0":
                    Set("Auth:ExpireSeconds", node, origin);
                    break;
                case "expire_seconds": break;
                default: _ignored.Add(origin); break;
            }
        }
    }

    private void MapManager(YamlMappingNode manager)
    {
        foreach ((string name, YamlNode node) in Entries(manager))
        {
            if (name == "secret")
            {
                SetUnlessPlaceholder("Management:Secret", node, "manager-api.secret");
            }
            else
            {
                _ignored.Add($"manager-api.{name}");
            }
        }
    }

    private void MapProviders(YamlMappingNode providers)
    {
        foreach ((string alias, YamlNode node) in Entries(providers))
        {
            if (alias.Contains(':') || node is not YamlMappingNode entry)
            {
                _ignored.Add($"LLM.{alias}");
                continue;
            }

            foreach ((string name, YamlNode value) in Entries(entry))
            {
                string key = name == "type" ? "Type" : name;
                MapTree($"Llm:Providers:{alias}:{key}", value, $"LLM.{alias}.{name}");
            }
        }
    }

    private void MapSelected(YamlMappingNode? selected, YamlMappingNode? memories)
    {
        string? memory = null;
        IgnoreMemories(memories, XiaozhiYaml.Text(selected?.Child("Memory")));
        foreach ((string name, YamlNode node) in selected is null ? [] : Entries(selected))
        {
            if (name == "LLM")
            {
                SetUnlessPlaceholder("Llm:Default", node, "selected_module.LLM");
            }
            else if (name == "Memory")
            {
                memory = XiaozhiYaml.Text(node);
            }
            else
            {
                _ignored.Add($"selected_module.{name}");
            }
        }

        if (memory is null)
        {
            return;
        }

        // What the old server knows of a memory is its kind and the LLM that summarises; every kind that remembers becomes the embedded store.
        var entry = memories?.Child(memory) as YamlMappingNode;
        string origin = $"selected_module.Memory = {memory}";
        _keys["Memory:Provider"] = (XiaozhiYaml.Text(entry?.Child("type")) ?? memory) == "nomem" ? "None" : "Sqlite";
        _origins["Memory:Provider"] = Origin(origin, selected!);
        if (entry?.Child("llm") is YamlNode llm && !_keys.Keys.Any(static key => OptionSchema.IsAtOrBelow(key, "Llm:ByMode:memory")))
        {
            SetUnlessPlaceholder("Llm:ByMode:memory", llm, $"Memory.{memory}.llm");
        }
    }

    /// <summary>What the embedded memory has no use for: the memories that are not selected, and of the selected one all but its kind and its LLM.</summary>
    private void IgnoreMemories(YamlMappingNode? memories, string? selected)
    {
        foreach ((string name, YamlNode node) in memories is null ? [] : Entries(memories))
        {
            if (name != selected)
            {
                _ignored.Add($"Memory.{name}");
                continue;
            }

            _ignored.AddRange(from entry in node is YamlMappingNode mapping ? Entries(mapping) : [] where entry.Name is not ("type" or "llm") select $"Memory.{name}.{entry.Name}");
        }
    }

    private void MapEndPrompt(YamlMappingNode end)
    {
        // The old server reads YAML 1.1, which has more words for it than one.
        bool enabled = XiaozhiYaml.Text(end.Child("enable"))?.ToLowerInvariant() is not ("false" or "no" or "off");
        if (enabled && end.Child("prompt") is YamlNode prompt)
        {
            Set("Session:EndPrompt", prompt, "end_prompt.prompt");
        }
        else if (!enabled)
        {
            SetDefault("Session:Goodbye", "false", end.Child("enable")!, "end_prompt.enable");
        }
    }

    /// <summary>A sub-tree as it stands; what holds a placeholder counts as unset.</summary>
    private void MapTree(string key, YamlNode node, string origin)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach ((string name, YamlNode child) in Entries(mapping))
                {
                    MapTree($"{key}:{name}", child, $"{origin}.{name}");
                }

                KeepEmptyOverrides(key, node, origin);
                break;
            case YamlSequenceNode sequence:
                for (int i = 0; i < sequence.Children.Count; i++)
                {
                    MapTree(string.Create(CultureInfo.InvariantCulture, $"{key}:{i}"), sequence.Children[i], $"{origin}[{i}]");
                }

                break;
            default:
                SetUnlessPlaceholder(key, node, origin);
                KeepEmptyOverrides(key, node, origin);
                break;
        }
    }

    /// <summary>Overrides are the whole of a mode's overrides by being there, even when none of them is set.</summary>
    private void KeepEmptyOverrides(string key, YamlNode node, string origin)
    {
        if (LlmSettingKeys.IsOverridesPath(key) && !_keys.Keys.Any(set => OptionSchema.IsAtOrBelow(set, key)))
        {
            SetDefault(key, "", node, origin);
        }
    }

    private void SetListen(string key, string ip, YamlNode port, string origin)
    {
        if (XiaozhiYaml.Text(port) is string text && !text.Contains(Placeholder, StringComparison.Ordinal))
        {
            SetDefault(key, $"{ip}:{text}", port, origin);
        }
    }

    private void SetSeconds(string key, YamlNode node, string origin) =>
        SetSpan(key, node, origin, TimeSpan.TicksPerSecond, "seconds");

    private void SetHours(string key, YamlNode node, string origin) =>
        SetSpan(key, node, origin, TimeSpan.TicksPerHour, "hours");

    /// <summary>What is no number goes on as it is, so that the check of the key reports it with its place.</summary>
    private void SetSpan(string key, YamlNode node, string origin, long ticks, string unit)
    {
        if (XiaozhiYaml.Text(node) is string text)
        {
            bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 1e9;
            SetDefault(key, isNumber ? new TimeSpan((long)(number * ticks)).ToString("c", CultureInfo.InvariantCulture) : $"{text} {unit}", node, origin);
        }
    }

    private void SetList(string key, YamlNode node, string origin, Func<YamlNode, YamlNode?>? select = null)
    {
        int index = 0;
        foreach (YamlNode item in node is YamlSequenceNode sequence ? sequence.Children : [node])
        {
            if ((select is null ? item : select(item)) is YamlNode chosen && XiaozhiYaml.Text(chosen) is string text)
            {
                SetDefault(string.Create(CultureInfo.InvariantCulture, $"{key}:{index++}"), text, chosen, origin);
            }
        }
    }

    private void SetUnlessPlaceholder(string key, YamlNode node, string origin)
    {
        if (XiaozhiYaml.Text(node)?.Contains(Placeholder, StringComparison.Ordinal) == false)
        {
            Set(key, node, origin);
        }
    }

    private void Set(string key, YamlNode node, string origin)
    {
        if (XiaozhiYaml.Text(node) is string text)
        {
            SetDefault(key, text, node, origin);
        }
    }

    private void SetDefault(string key, string value, YamlNode node, string origin)
    {
        if (_keys.TryAdd(key, value))
        {
            _origins[key] = Origin(origin, node);
        }
    }

    private string Origin(string origin, YamlNode node) => $"{origin}, line {node.Start.Line} of {(_overrideNodes.Contains(node) ? _overridePath : _path)}";

    private static IEnumerable<(string Name, YamlNode Value)> Entries(YamlMappingNode mapping) =>
        from child in mapping.Children where child.Key is YamlScalarNode { Value.Length: > 0 } select (((YamlScalarNode)child.Key).Value!, child.Value);
}
