using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastGate.Configuration.Yaml;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>
/// One row of the mapping from the old server's keys. <paramref name="Path"/> is a path in its YAML, where <c>{selected}</c> is the name that
/// <c>selected_module</c> has for the section; <paramref name="Convert"/> writes the node to <paramref name="Key"/>, or below it.
/// </summary>
internal sealed record XiaozhiMapping(string Path, string Key, Action<XiaozhiConfigReader, YamlNode, XiaozhiMapping> Convert)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(10_000);

    /// <summary>In this order: the first row that sets a key wins. The READMEs contain this table.</summary>
    public static IReadOnlyList<XiaozhiMapping> Table { get; } =
    [
        new("server.port", "Devices:Listen", static (reader, node, row) => SetListen(reader, node, row, reader.Setting(node, row.Path))),
        new("server.ip", "Devices:Listen", static (reader, node, row) => SetListen(reader, node, row, "8000")),
        new("server.http_port", "Http:Listen", static (reader, node, row) => SetListen(reader, node, row, reader.Setting(node, row.Path))),
        new("server.ip", "Http:Listen", static (reader, node, row) => SetListen(reader, node, row, "8003")),
        new("server.websocket", "Http:WebSocketUrl", SetSetting),
        new("server.timezone_offset", "Http:TimezoneOffset", SetTimezone),
        new("server.auth.enabled", "Auth:Enabled", SetBoolean),
        new("server.auth_key", "Auth:Key", SetSetting),
        new("manager-api.secret", "Auth:Key", SetSetting),
        new("server.auth.tokens", "Auth:Tokens", static (reader, node, row) => SetSettings(reader, node, row, static item => item is YamlMapping entry ? entry.Child("token") : item)),
        new("server.auth.allowed_devices", "Auth:AllowedDevices", static (reader, node, row) => SetSettings(reader, node, row, static item => item)),
        new("server.auth.expire_seconds", "Auth:ExpireSeconds", SetPositive),
        new("manager-api.secret", "Management:Secret", SetSetting),
        new("selected_module.LLM", "Llm:Default", SetSetting),
        new("LLM", "Llm:Providers", SetProviders),
        new("llm_by_mode", "Llm:ByMode", SetModes),
        new("VLLM.{selected}", "Llm:Providers", XiaozhiVision.SetProvider),
        new("selected_module.VLLM", "Llm:ByMode:vision", XiaozhiVision.SetEntry),
        new("server.vision_explain", "Vision:Url", SetSetting),
        new("Memory.{selected}.llm", "Llm:ByMode:memory", static (reader, node, row) => SetUnless(reader, node, row, row.Key, SetSetting)),
        new("Memory.{selected}.type", "Memory:Provider", SetMemoryProvider),
        new("selected_module.Memory", "Memory:Provider", SetMemoryProvider),
        new("ASR.{selected}", "Speech:Asr:Providers", XiaozhiSpeech.SetRecognizer),
        new("TTS.{selected}", "Speech:Tts:Providers", XiaozhiSpeech.SetSynthesizer),
        new("selected_module.ASR", "Speech:Asr:Default", XiaozhiSpeech.SetDefault),
        new("selected_module.TTS", "Speech:Tts:Default", XiaozhiSpeech.SetDefault),
        new("VAD.{selected}.threshold", "Speech:Vad:Threshold", XiaozhiSpeech.SetPercent),
        new("VAD.{selected}.threshold_low", "Speech:Vad:LowThreshold", XiaozhiSpeech.SetPercent),
        new("VAD.{selected}.min_silence_duration_ms", "Speech:Vad:Silence", XiaozhiSpeech.SetMilliseconds),
        new("prompt", "Session:Prompt", SetText),
        new("wakeup_words", "Session:WakeupWords", SetWords),
        new("exit_commands", "Session:ExitCommands", SetWords),
        new("end_prompt.enable", "Session:Goodbye", SetGoodbye),
        new("end_prompt.prompt", "Session:EndPrompt", static (reader, node, row) => SetUnless(reader, node, row, "Session:Goodbye", SetText)),
        new("system_error_response", "Session:SystemErrorResponse", SetText),
        new("close_connection_no_voice_time", "Devices:Timeouts:Idle", SetIdle),
    ];

    private static void SetText(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) => reader.Set(row.Key, reader.Text(node, row.Path), node, row.Path);

    private static void SetSetting(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) => reader.Set(row.Key, reader.Setting(node, row.Path), node, row.Path);

    private static void SetUnless(
        XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, string key, Action<XiaozhiConfigReader, YamlNode, XiaozhiMapping> set)
    {
        if (!reader.IsSet(key))
        {
            set(reader, node, row);
        }
    }

    /// <summary>A text that is no boolean is passed on, so that validation reports it with its place.</summary>
    private static void SetBoolean(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (reader.Setting(node, row.Path) is string text)
        {
            reader.Set(row.Key, YamlValues.Boolean(text) switch { true => "true", false => "false", null => text }, node, row.Path);
        }
    }

    /// <summary>Sets nothing for true, which is the default: the prompt of a goodbye that is switched off is not read.</summary>
    private static void SetGoodbye(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (YamlValues.Text(node) is not string text || YamlValues.Boolean(text) != true)
        {
            SetBoolean(reader, node, row);
        }
    }

    /// <summary>The address is <c>server.ip</c>, wherever the port comes from.</summary>
    private static void SetListen(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, string? port)
    {
        string ip = (reader.Find("server.ip") is { } configured ? reader.Setting(configured, "server.ip") : null) ?? "0.0.0.0";
        bool isIPv6 = IPAddress.TryParse(ip, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        if (port is not null)
        {
            reader.Set(row.Key, $"{(isIPv6 ? $"[{ip}]" : ip)}:{YamlValues.Number(port)}", node, row.Path);
        }
    }

    /// <summary>To the old server a number that is not positive means its default.</summary>
    private static void SetPositive(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (reader.Setting(node, row.Path) is string text && YamlValues.Number(text) is var number && !number.StartsWith('-') && number != "0")
        {
            reader.Set(row.Key, number, node, row.Path);
        }
    }

    /// <summary>Hours; also <c>+8:00</c>, which is meant as hours and minutes although YAML 1.1 reads it as the number 480.</summary>
    private static void SetTimezone(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (reader.Setting(node, row.Path) is string text)
        {
            bool isTime = text.Contains(':') && TimeSpan.TryParse(text.TrimStart('+'), CultureInfo.InvariantCulture, out _);
            reader.Set(row.Key, isTime ? Span(TimeSpan.Parse(text.TrimStart('+'), CultureInfo.InvariantCulture)) : Duration(text, TimeSpan.TicksPerHour, "hours"), node, row.Path);
        }
    }

    /// <summary>To the old server any number that is not positive means that no silence closes a connection.</summary>
    private static void SetIdle(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (reader.Setting(node, row.Path) is string text)
        {
            string duration = Duration(text, TimeSpan.TicksPerSecond, "seconds");
            reader.Set(row.Key, duration.StartsWith('-') && duration.Contains(':') ? Span(TimeSpan.Zero) : duration, node, row.Path);
        }
    }

    /// <summary>A text that is no number is passed on with its unit, so that validation reports it with its place.</summary>
    private static string Duration(string text, long ticks, string unit) =>
        double.TryParse(YamlValues.Number(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) &&
        Math.Abs(number) * ticks <= s_longest.Ticks ? Span(new TimeSpan((long)(number * ticks))) : $"{text} {unit}";

    private static string Span(TimeSpan span) => span.ToString("c", CultureInfo.InvariantCulture);

    private static void SetSettings(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, Func<YamlNode, YamlNode?> select) =>
        SetList(reader, row, Items(node).Select(select).OfType<YamlNode>().Select(item => (item, reader.Setting(item, row.Path))));

    /// <summary>What a user may say is prose, in which nothing is a placeholder.</summary>
    private static void SetWords(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) =>
        SetList(reader, row, Items(node).Select(item => (item, reader.Text(item, row.Path))));

    private static IEnumerable<YamlNode> Items(YamlNode node) => node is YamlSequence sequence ? sequence.Items : [node];

    private static void SetList(XiaozhiConfigReader reader, XiaozhiMapping row, IEnumerable<(YamlNode Node, string? Text)> items)
    {
        foreach ((int index, (YamlNode node, string? text)) in items.Where(static item => item.Text is not null).Index())
        {
            reader.Set(FormattableString.Invariant($"{row.Key}:{index}"), text, node, row.Path);
        }
    }

    private static void SetModes(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        foreach ((string purpose, YamlNode entry) in Section(reader, node, row.Path))
        {
            if (purpose.Contains(':'))
            {
                reader.Note(entry, $"{row.Path}.{purpose}: a name with a colon is ignored");
            }
            else
            {
                reader.SetTree($"{row.Key}:{purpose}", entry, $"{row.Path}.{purpose}");
            }
        }
    }

    private static void SetProviders(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        Dictionary<string, string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string alias, YamlNode provider) in Section(reader, node, row.Path))
        {
            string path = $"{row.Path}.{alias}";
            if (alias.Contains(':'))
            {
                reader.Note(provider, $"{path}: a name with a colon is ignored");
            }
            else if (provider is not YamlMapping)
            {
                reader.Note(provider, $"{path} holds no settings and is ignored");
            }
            else if (!seen.TryAdd(alias, path))
            {
                reader.Note(provider, $"{path} differs from {seen[alias]} only in case and is ignored");
            }
            else
            {
                reader.SetTree($"{row.Key}:{alias}", provider, path);
            }
        }
    }

    /// <summary>The entries of a section; none, with a note, for a value of another kind.</summary>
    private static IEnumerable<KeyValuePair<string, YamlNode>> Section(XiaozhiConfigReader reader, YamlNode node, string path)
    {
        if (node is not YamlMapping && (node is YamlSequence || YamlValues.Text(node) is not null))
        {
            reader.Note(node, $"{path} holds no keys and is ignored");
        }

        return (node as YamlMapping)?.Entries.Where(static entry => entry.Key.Length > 0) ?? [];
    }

    /// <summary>Each memory of the old server that keeps anything becomes the embedded store.</summary>
    private static void SetMemoryProvider(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (reader.Setting(node, row.Path) is string type)
        {
            reader.Set(row.Key, type == "nomem" ? "None" : "Sqlite", node, row.Path);
        }
    }
}
